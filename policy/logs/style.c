/*
 * style.c owns how the page looks; it may not know what is on it.
 */
/* this directory */
#include "render.h"

/*
 * Colours tell good from bad by lightness, too, for those who see few of them.
 */

/* A wide table t becomes a list of cards where there is no room for it. */
#define CARDS(t) \
    t "{font-size:.9rem}" t "," t " tbody{display:block}" \
    t " thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;" \
    "overflow:hidden}" \
    t " tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(6rem,1fr));" \
    "gap:.35rem .6rem;border-bottom:1px solid var(--line);padding:.6rem 0}" \
    t " tbody tr:last-child{border-bottom:0;padding-bottom:0}" \
    t " td{display:block;border:0;padding:0;min-width:0;text-align:left;" \
    "white-space:normal}" \
    t " td::before{content:attr(data-label);display:block;color:var(--soft);" \
    "font-size:.75rem;font-weight:400}" \
    t " td:first-child," t " .w{grid-column:1/-1}" t " td:first-child{font-weight:600}" \
    t " td:empty{display:none}"

const char html_style[] =
    ":root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2430;"
    "--soft:#5a6575;--line:#dde2e9;--bad:#a3242f;--bad-bg:#fcecec;--warn:#8a5a00;"
    "--warn-bg:#fdf4e0;--good:#0f6b5f;--good-bg:#e5f4f0;--best:#0f766e;--fine:#6bb8ae;"
    "--old:#e3b341;--older:#d8803a;--worse:#b8473b;--clear:#7a2436;--gone:#8c97a8;"
    "--dim:#c3c9d2}\n"
    "@media (prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;"
    "--ink:#e4e8ee;--soft:#9aa6b6;--line:#2d3643;--bad:#ff9b98;--bad-bg:#3a1c20;"
    "--warn:#f0c674;--warn-bg:#33290f;--good:#79d3c4;--good-bg:#12302b;--best:#2ba396;"
    "--fine:#8ad5ca;--old:#e8c36b;--older:#e39657;--worse:#d96a5c;--clear:#c2607a;"
    "--gone:#6f7b8d;--dim:#4a5463}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:72rem;background:var(--bg);"
    "color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Helvetica Neue',sans-serif;overflow-wrap:anywhere}\n"
    "h1{font-size:1.6rem;line-height:1.2;margin:0}\n"
    "h2{font-size:1.1rem;line-height:1.3;margin:0}\n"
    "p{margin:.25rem 0}\n"
    ".soft{color:var(--soft);font-size:.9rem}\n"
    "section{background:var(--card);border:1px solid var(--line);border-radius:8px;"
    "padding:1rem 1.1rem;margin:1rem 0}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));"
    "gap:.75rem;margin:1.25rem 0;padding:0;list-style:none}\n"
    ".tiles li{background:var(--card);border:1px solid var(--line);border-radius:8px;"
    "padding:.7rem .75rem}\n"
    ".tiles b{display:block;font-size:1.25rem;line-height:1.2;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}\n"
    ".findings{list-style:none;margin:1.25rem 0;padding:0;display:grid;gap:.5rem}\n"
    ".findings li{padding:.6rem .9rem;border-radius:8px;border-left:5px solid}\n"
    ".bad{color:var(--bad);background:var(--bad-bg);font-weight:600}\n"
    ".warn{color:var(--warn);background:var(--warn-bg)}\n"
    ".good{color:var(--good);background:var(--good-bg)}\n"
    ".findings a{color:inherit;text-decoration:none}.findings a:hover{text-decoration:underline}\n"
    "table{border-collapse:collapse;width:100%;margin-top:.75rem;font-size:.9rem}\n"
    "th{text-align:left;font-weight:600;color:var(--soft);vertical-align:bottom}\n"
    "th,td{padding:.35rem 1rem .35rem 0;border-bottom:1px solid var(--line)}\n"
    "td{vertical-align:top}\n"
    "th:last-child,td:last-child{padding-right:0}\n"
    "tbody tr:last-child td{border-bottom:0}\n"
    "td.s{min-width:6.5rem}td.w{min-width:10.5rem}\n"
    "th{overflow-wrap:normal}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".t{white-space:nowrap}\n"
    "details{margin-top:.75rem}summary{cursor:pointer;color:var(--soft);"
    "font-size:.9rem}\n"
    "figure{margin:1rem 0 0}\n"
    "figcaption{display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.85rem;"
    "color:var(--soft);margin-bottom:.6rem}\n"
    "figcaption i{display:inline-block;width:.8em;height:.8em;border-radius:2px;"
    "margin-right:.4em;background:var(--c)}\n"
    ".plot{display:flex;gap:.5rem}\n"
    ".y{height:200px;display:flex;flex-direction:column;justify-content:space-between;"
    "font-size:.75rem;line-height:1;color:var(--soft);text-align:right;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    ".plot>div:last-child{flex:1;min-width:0}\n"
    ".x{display:flex;justify-content:space-between;gap:.5rem;font-size:.75rem;"
    "color:var(--soft);margin-top:.3rem}\n"
    "svg{display:block;overflow:visible}\n"
    "rect{fill:var(--c)}\n"
    "line{stroke:var(--line)}\n"
    ".bars p{display:flex;justify-content:space-between;gap:1rem;font-size:.85rem;"
    "margin:.5rem 0 .15rem}.bars b{font-weight:600;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}\n"
    ".c-tls13,.c-encrypted{--c:var(--best)}.c-tls12{--c:var(--fine)}"
    ".c-tls11{--c:var(--old)}.c-tls10,.c-deprecated{--c:var(--older)}"
    ".c-ssl{--c:var(--worse)}.c-none,.c-cleartext{--c:var(--clear)}"
    ".c-abandoned{--c:var(--gone)}.c-unknown,.c-unclear{--c:var(--dim)}\n"
    "@media screen and (max-width:640px){body{padding:1rem .75rem 2rem}"
    "section{padding:.85rem .8rem}"
    ".tiles{grid-template-columns:1fr 1fr;gap:.5rem}.tiles b{font-size:1.1rem}"
    "table{font-size:.8rem}th,td{padding-right:.5rem}td.s{min-width:5.2rem}td.w{min-width:0}}\n"
    "@media screen and (max-width:1000px){" CARDS(".wide") "}\n"
    "@media screen and (max-width:1160px){" CARDS(".wider") "}\n"
    "@media screen{" CARDS(".cards") "}\n"
    "@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;"
    "--soft:#444;--line:#bbb;--bad:#8c1822;--bad-bg:#fff;--warn:#6b4600;"
    "--warn-bg:#fff;--good:#0f6b5f;--good-bg:#fff;--best:#0f766e;--fine:#6bb8ae;"
    "--old:#e3b341;--older:#d8803a;--worse:#b8473b;--clear:#7a2436;--gone:#8c97a8;"
    "--dim:#c3c9d2}"
    "body{max-width:none;padding:0;font-size:10pt}"
    "table{font-size:8pt}th,td{padding-right:.4rem}"
    "td.s{min-width:5rem}td.w{min-width:6.4rem}.tiles b{font-size:1.1rem}"
    ".t{white-space:normal}"
    "section{border:0;padding:0;margin:1.2rem 0}h2,figure,tr{break-inside:avoid}"
    "h2{break-after:avoid}thead{display:table-header-group}"
    "rect,i{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "summary{display:none}details::details-content{content-visibility:visible}}\n";
