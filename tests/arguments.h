/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* K3 at every door: arguments that a function must refuse by their names. The test includes tap.h before, with TAP_EXPLAIN. */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

/* The argument called `name`, which is NULL in this call, is refused. */
#define null_int(call, name) ok_error(call, -EINVAL, name " is NULL")
#define null_pointer(call, name) ok_none(call, EINVAL, name " is NULL")
/* Likewise, where the result is a number of which all values mean something. */
#define null_number(call, name)                                                            \
	do {                                                                               \
		errno = 0;                                                                 \
		ok_int(call, 0);                                                           \
		ok_int(errno, EINVAL);                                                     \
		ok_str(TAP_EXPLAIN(), name " is NULL");                                    \
	} while (0)

/* The text called `name`, which stands as `text` in this call, is refused if it is NULL and if it is no text. */
#define text_int(call, name)                                                               \
	do {                                                                               \
		const char *text = NULL;                                                   \
		null_int(call, name);                                                      \
		text = "\xff";                                                             \
		ok_int(call, -EINVAL);                                                     \
		ok_contains(TAP_EXPLAIN(), name " is not UTF-8");                          \
	} while (0)
#define text_pointer(call, name)                                                           \
	do {                                                                               \
		const char *text = NULL;                                                   \
		null_pointer(call, name);                                                  \
		bytes_pointer(call, name);                                                 \
	} while (0)
/* As above where NULL is allowed. */
#define bytes_pointer(call, name)                                                          \
	do {                                                                               \
		const char *text = "\xff";                                                 \
		ok_errno(call, EINVAL);                                                    \
		ok_contains(TAP_EXPLAIN(), name " is not UTF-8");                          \
	} while (0)

/* "K3 name" or "K3 K2 name: words". */
static inline int is_test_of(const struct tap_test *test, const char *name)
{
	const char *at = strstr(test->name, name);
	char end = at ? at[strlen(name)] : 'x';

	return at && at[-1] == ' ' && (!end || end == ':');
}

/* Each function of the list, of which there are more than so many, has a test in this program. */
static inline void ok_all_tested(const char *symbols, int least)
{
	FILE *list = fopen(symbols, "r");
	char name[64];
	int functions = 0;

	ok(list);
	while (fscanf(list, "%63s %*s", name) == 1) {
		struct tap_test *test = tap_first;

		while (test && !is_test_of(test, name))
			test = test->next;
		if (!test)
			tap_fail("%s has no test here", name);
		functions++;
	}
	fclose(list);
	ok(functions > least);
}

#endif
