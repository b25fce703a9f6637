/*
 * tables.c prints the tables of the library, for checks that hold the manual
 * pages against them.
 *
 *	attributes	name, type, Postfix attribute, macros
 *	fields		every field of a record
 */
/* libc */
#include <stdio.h>
#include <string.h>
/* this project */
#include "attr.h"
#include "record.h"

static void
print_attributes(void)
{
	const struct attr_info *info;
	int i;

	for (i = 0; i < ATTR_COUNT; i++) {
		info = attr_info((enum attr)i);
		printf("%s|%s|%s|%s\n", info->name, attr_type_name(info->type),
		    info->postfix, info->macros);
	}
}

static void
print_fields(void)
{
	size_t i;

	for (i = 0; record_field_name(i) != NULL; i++)
		puts(record_field_name(i));
}

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "attributes") == 0)
		print_attributes();
	else if (argc == 2 && strcmp(argv[1], "fields") == 0)
		print_fields();
	else
		return 64;
	return 0;
}
