/*
 * survey_sections.h: the tables of a report.
 */
#ifndef TLSWARDEN_SURVEY_SECTIONS_H
#define TLSWARDEN_SURVEY_SECTIONS_H

#include "section.h"

/* Those that findings are drawn from. */
#define SURVEY_EXPOSED		"exposed_passwords"
#define SURVEY_LOST_TLS		"lost_tls"
#define SURVEY_GAPS		"gaps"
#define SURVEY_DAYS		"days"
#define SURVEY_DOMAINS		"encrypted_domains"
#define SURVEY_RULES		"rules"
#define SURVEY_EXCEPTIONS	"exceptions"

/* In the order of the report; one that shows another's tally may stand before it. */
extern const struct section survey_sections[];
extern const size_t survey_section_count;
extern const struct section survey_by;
/* Its rows come from the policy. */
extern const struct section survey_exceptions;

#endif
