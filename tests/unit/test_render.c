/* libc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* cmocka */
#include <cmocka.h>
/* under test */
#include "render.h"
#include "scan.h"
#include "survey.h"
/* tests */
#include "sightings.h"

#define TODAY	20261121

static struct survey_settings all = { .by = { COL_NOTHING }, .top = 2 };

/* Values that a client chose to break out of every form. */
static const char *const hostile[] = {
	"=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\\x09=1",
	"a,b\\x22c\\x0d\\x0ad", "<script>alert(1)</script>", "'&amp;<b>",
	"\\x1b[31mred\\x1b[0m", "]]>--><!--", "\\x5cu0000\\x00nul", "\\xc3\\xa9\\xff"
};
#define HOSTILE	(sizeof(hostile) / sizeof(hostile[0]))

static void
feed(struct survey *s)
{
	char line[512];
	size_t i;

	for (i = 0; i < 3; i++)
		tell(survey_add, s, DAY + (int64_t)i * 25 * HOUR, "one", "v=1 "
		    "event=message id=1 verdict=accept rule=default stage=eom service=mx "
		    "port=25 client=192.0.2.7 tls=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 "
		    "cipher_bits=256 outcome=encrypted auth=none sender=ann@example.net");
	for (i = 0; i < HOSTILE; i++) {
		snprintf(line, sizeof(line), "v=1 event=message id=2 verdict=reject "
		    "rule=auth-in-clear stage=mail reply=\"530 5.7.0\" service=submission "
		    "port=587 client=198.51.100.%zu tls=none outcome=cleartext auth=PLAIN "
		    "user=\"%s\"", i, hostile[i]);
		tell(survey_add, s, DAY + 26 * HOUR, "two", line);
	}
}

static void
make(struct report *r, const struct survey_settings *settings, bool empty)
{
	struct survey *s = survey_new(settings);

	if (!empty)
		feed(s);
	report_init(r, "tlswarden-report/1", "report", "How mail arrives");
	r->made = DAY + 60 * HOUR;
	survey_report(s, NULL, TODAY, r);
	survey_free(s);
}

/* The text of a file of the tests; a missing one is empty. */
static void
slurp(const char *name, struct buf *b)
{
	const char *dir = getenv("TOP_SRCDIR");
	char path[512], chunk[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/unit/%s", dir != NULL ? dir : ".", name);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(b, chunk, n);
	fclose(f);
}

/* What it is now is left in the build directory, for a look and a copy. */
static void
compare(const char *name, const struct buf *got)
{
	struct buf wanted = BUF_INIT;
	FILE *f;

	slurp(name, &wanted);
	if (strcmp(buf_str(&wanted), buf_str(got)) != 0) {
		f = fopen(name, "we");
		assert_non_null(f);
		fwrite(got->data, 1, got->len, f);
		fclose(f);
		print_message("# it is not what tests/unit/%s has; see ./%s\n", name, name);
	}
	assert_string_equal(buf_str(got), buf_str(&wanted));
	buf_free(&wanted);
}

/* Nothing but printable ASCII and line ends. */
static void
check_plain(const struct buf *b, const char *allowed)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		assert_true((b->data[i] >= ' ' && b->data[i] <= '~') ||
		    strchr(allowed, b->data[i]) != NULL);
	assert_int_equal(strlen(b->data), b->len);
}

static void
test_text(void **state)
{
	struct report r;
	struct buf b = BUF_INIT;

	(void)state;
	make(&r, &all, false);
	render_text(&r, false, &b);
	check_plain(&b, "\n");
	compare("report.text", &b);
	/* Colour changes nothing but colour. */
	buf_clear(&b);
	render_text(&r, true, &b);
	assert_non_null(strstr(buf_str(&b), "\033[31m!! \033[0m"));
	buf_free(&b);
	report_free(&r);
}

static void
test_json(void **state)
{
	struct report r;
	struct buf b = BUF_INIT;

	(void)state;
	make(&r, &all, false);
	render_json(&r, &b);
	check_plain(&b, "\n");
	compare("report.json", &b);
	buf_free(&b);
	report_free(&r);
}

static void
test_csv(void **state)
{
	struct survey_settings by = { .by = { COL_USER, COL_NOTHING } };
	struct report r;
	struct buf b = BUF_INIT;

	(void)state;
	make(&r, &by, false);
	render_csv(&r, &b);
	check_plain(&b, "\r\n");
	compare("report.csv", &b);
	report_free(&r);
	buf_clear(&b);
	/* Every line has as many fields as the first. */
	make(&r, &all, true);
	render_csv(&r, &b);
	assert_non_null(strstr(buf_str(&b), "table,day,host,service,user,"));
	assert_null(strchr(strchr(buf_str(&b), '\n') + 1, '\n'));
	buf_free(&b);
	report_free(&r);
}

static void
test_html(void **state)
{
	struct survey_settings whole = { .by = { COL_NOTHING } };
	struct report r;
	struct buf b = BUF_INIT;

	(void)state;
	make(&r, &whole, false);
	render_html(&r, &b);
	check_plain(&b, "\n");
	assert_null(strstr(buf_str(&b), "<script"));
	assert_null(strstr(buf_str(&b), "://"));
	assert_null(strstr(buf_str(&b), "src="));
	assert_null(strstr(buf_str(&b), "url("));
	assert_non_null(strstr(buf_str(&b), "&lt;script&gt;alert(1)&lt;/script&gt;"));
	compare("report.html", &b);
	buf_free(&b);
	report_free(&r);
}

/* Without any message there is no empty chart. */
static void
test_empty(void **state)
{
	struct report r;
	struct buf b = BUF_INIT;

	(void)state;
	make(&r, &all, true);
	render_html(&r, &b);
	assert_null(strstr(buf_str(&b), "<svg"));
	assert_null(strstr(buf_str(&b), "<table"));
	assert_non_null(strstr(buf_str(&b), "No data."));
	assert_non_null(strstr(buf_str(&b), "<b>0</b>"));
	buf_clear(&b);
	render_text(&r, false, &b);
	assert_non_null(strstr(buf_str(&b), "No data: Exposed passwords; "));
	buf_free(&b);
	report_free(&r);
}

/* Ten million messages, and one. */
static void
test_sizes(void **state)
{
	static const enum column columns[] = { COL_DAY, COL_ENCRYPTED, COL_CLEARTEXT,
	    COL_NOTHING };
	static const uint64_t sizes[] = { 1, 10000000 };
	struct report r;
	struct sheet *s;
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		report_init(&r, "s", "c", "t");
		s = report_sheet(&r, "n", "T", NULL, columns);
		sheet_text(s, (struct slice){ "2026-11-20", 10 });
		sheet_number(s, sizes[i]);
		sheet_number(s, 0);
		s->chart = CHART_STACK;
		s->chart_first = 1;
		s->chart_count = 2;
		buf_clear(&b);
		render_html(&r, &b);
		/* All of it is one colour, and as high as the chart. */
		assert_non_null(strstr(buf_str(&b), "<rect class=\"c-encrypted\" "
		    "x=\"10.000%\" y=\"0.00\" width=\"80.000%\" height=\"200.00\">"));
		assert_null(strstr(buf_str(&b), "c-cleartext\" x"));
		report_free(&r);
	}
	assert_non_null(strstr(buf_str(&b), "<td class=\"n\" "
	    "data-label=\"Encrypted\">10,000,000</td>"));
	buf_free(&b);
}

/* A table of each column, in every form: shown once, under its name. */
static void
test_columns(void **state)
{
	enum column columns[2] = { COL_NOTHING, COL_NOTHING };
	struct buf b = BUF_INIT, tag = BUF_INIT;
	const struct column_info *info;
	struct report r;
	struct sheet *s;
	unsigned int c;

	(void)state;
	for (c = 0; c < COL_NOTHING; c++) {
		columns[0] = (enum column)c;
		info = column_info(columns[0]);
		report_init(&r, "tlswarden-report/1", "report", "Columns");
		r.made = DAY;
		s = report_sheet(&r, "it", "It", NULL, columns);
		if (info->kind == KIND_TEXT) {
			sheet_text(s, slice_of("<text>"));
			sheet_text(s, slice_of(""));
		}
		if (info->kind != KIND_TEXT)
			sheet_number(s, info->kind == KIND_DAY ? 20261231 :
			    info->kind == KIND_RANK ? 4 : 1700000000);
		s->rows_total = s->rows;
		s->error = 7;
		buf_clear(&b);
		render_csv(&r, &b);
		assert_non_null(strstr(buf_str(&b), info->name));
		assert_true(info->kind != KIND_DAY ||
		    strstr(buf_str(&b), "2026-12-31") != NULL);
		buf_clear(&b);
		render_json(&r, &b);
		buf_clear(&tag);
		buf_printf(&tag, "\"%s\": ", info->name);
		assert_non_null(strstr(buf_str(&b), buf_str(&tag)));
		buf_clear(&b);
		render_html(&r, &b);
		buf_clear(&tag);
		buf_printf(&tag, "data-label=\"%s\">", info->title);
		assert_non_null(strstr(buf_str(&b), buf_str(&tag)));
		assert_non_null(strstr(buf_str(&b), "too low by up to 7."));
		assert_null(strstr(buf_str(&b), "<text>"));
		report_free(&r);
	}
	buf_free(&b);
	buf_free(&tag);
}

static void
test_grouped(void **state)
{
	static const struct {
		uint64_t	 n;
		const char	*text;
	} pairs[] = { { 0, "0" }, { 999, "999" }, { 1000, "1,000" },
	    { 12345678, "12,345,678" }, { UINT64_MAX, "18,446,744,073,709,551,615" } };
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		buf_clear(&b);
		put_grouped(&b, pairs[i].n);
		assert_string_equal(buf_str(&b), pairs[i].text);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_grouped),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
