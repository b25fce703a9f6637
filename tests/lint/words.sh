#!/bin/sh
# Words that do not belong into a finished tree.
. "${TOP_SRCDIR:-.}/tests/lint/lib.sh"

# Spelt so that this file does not find itself.
LATER="TO""DO|FIX""ME|X""XX"

texts()
{
	find include policy milter tests packaging README.md SECURITY.md NEWS configure.ac \
	    Makefile.am .ci -type f 2>/dev/null |
	    grep -v -e '^packaging/build-aux/' -e '^packaging/m4/' -e '/\.deps/' \
	    -e '\.o$' -e '\.a$' -e '\.pyc$' -e '\.log$' -e '\.trs$'
}

texts | xargs grep -InwE "$LATER" 2>/dev/null | none "nothing is left for later"
texts | xargs grep -InE "/wo""rk/|/sh""ared/" 2>/dev/null |
    none "no path of the place where this was made"
sources include policy milter tests | xargs grep -ilE 'copyright|licen[cs]e' |
    none "the licence stands in LICENSE only"
sources include policy milter | xargs grep -nE '//' |
    grep -vE '://|"[^"]*//[^"]*"' | none "comments are /* ... */"
done_testing
