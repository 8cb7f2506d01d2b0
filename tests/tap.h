/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * C tests that speak TAP, one line for each TEST block, in the order of the file:
 *
 *     #define TAP_EXPLAIN ovl_last_error      // optional: the sentence behind a failed call
 *     #include "tap.h"
 *
 *     TEST("O14 removal restores the tree")
 *     {
 *         ok0(ovl_overlay_remove(tree, id, 0));
 *     }
 *
 * There is no main() to write. A check that fails says where and why and leaves its TEST (on another thread than
 * the test's own it only marks it as failed); skip() leaves it with a reason. A TEST that hangs is killed. With an
 * argument the program runs only the tests whose name contains it.
 */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Seconds that one TEST may take; valgrind on a busy machine is slow. */
#define TAP_SECONDS 600

struct tap_test {
	const char *name;
	void (*run)(void);
	struct tap_test *next;
};

static struct tap_test *tap_first, **tap_end = &tap_first;
static volatile int tap_failed;
static const char *tap_skipped;
static jmp_buf tap_leave;
static __thread int tap_own_thread;

#ifdef TAP_EXPLAIN
#define TAP_WHY (TAP_EXPLAIN() ? TAP_EXPLAIN() : "")
#else
#define TAP_WHY ""
#endif

#define TAP_JOIN_(a, b) a##b
#define TAP_JOIN(a, b) TAP_JOIN_(a, b)

/* By a counter: the line may be that of a TEST in another file, which includes this one. */
#define TEST(title) TAP_TEST_(title, __COUNTER__)
#define TAP_TEST_(title, n) TAP_TEST(title, TAP_JOIN(tap_run_, n), TAP_JOIN(tap_test_, n), TAP_JOIN(tap_add_, n))
#define TAP_TEST(title, body, entry, add)                                                  \
	static void body(void);                                                            \
	static struct tap_test entry = {title, body, NULL};                                \
	__attribute__((constructor)) static void add(void)                                 \
	{                                                                                  \
		*tap_end = &entry;                                                         \
		tap_end = &entry.next;                                                     \
	}                                                                                  \
	static void body(void)

#define tap_fail(...)                                                                      \
	do {                                                                               \
		const char *tap_why = TAP_WHY;                                             \
		printf("# %s:%d: ", __FILE__, __LINE__);                                   \
		printf(__VA_ARGS__);                                                       \
		printf("%s%s\n", *tap_why ? "; last error: " : "", tap_why);               \
		tap_failed = 1;                                                            \
		if (tap_own_thread)                                                        \
			longjmp(tap_leave, 1);                                             \
	} while (0)

/* The condition holds. */
#define ok(condition)                                                                      \
	do {                                                                               \
		if (!(condition))                                                          \
			tap_fail("%s", #condition);                                        \
	} while (0)

/* The integer is the one wanted. */
#define ok_int(got, want)                                                                  \
	do {                                                                               \
		long long tap_got = (got), tap_want = (want);                              \
		if (tap_got != tap_want)                                                   \
			tap_fail("%s is %lld, not %lld (%s)", #got, tap_got, tap_want, #want); \
	} while (0)

/* The call returned 0. */
#define ok0(call) ok_int(call, 0)

/* The call returned NULL, with this errno. */
#define ok_errno(call, want)                                                               \
	do {                                                                               \
		errno = 0;                                                                 \
		const void *tap_got = (call);                                              \
		int tap_errno = errno;                                                     \
		if (tap_got || tap_errno != (want))                                        \
			tap_fail("%s is %p with errno %d, not NULL with %d (%s)", #call, tap_got, tap_errno, \
				 want, #want);                                             \
	} while (0)

#define ok_str(got, want)                                                                  \
	do {                                                                               \
		const char *tap_got = (got), *tap_want = (want);                           \
		if (!tap_got || !tap_want || strcmp(tap_got, tap_want))                    \
			tap_fail("%s is \"%s\", not \"%s\"", #got, tap_got ? tap_got : "(NULL)", \
				 tap_want ? tap_want : "(NULL)");                          \
	} while (0)

/* The text contains this part. */
#define ok_contains(got, part)                                                             \
	do {                                                                               \
		const char *tap_got = (got), *tap_part = (part);                           \
		if (!tap_got || !strstr(tap_got, tap_part))                                \
			tap_fail("%s is \"%s\", without \"%s\"", #got, tap_got ? tap_got : "(NULL)", \
				 tap_part);                                                \
	} while (0)

#ifdef TAP_EXPLAIN
/* The call returned this number, with this sentence. */
#define ok_error(call, want, sentence)                                                     \
	do {                                                                               \
		ok_int(call, want);                                                        \
		ok_str(TAP_EXPLAIN(), sentence);                                           \
	} while (0)

/* The call returned NULL, with this errno and sentence. */
#define ok_none(call, want, sentence)                                                      \
	do {                                                                               \
		ok_errno(call, want);                                                      \
		ok_str(TAP_EXPLAIN(), sentence);                                           \
	} while (0)
#endif

#define skip(reason)                                                                       \
	do {                                                                               \
		tap_skipped = (reason);                                                    \
		longjmp(tap_leave, 1);                                                     \
	} while (0)

/* Runs one test of this program again, with a variable of the environment set from the start; its exit code. */
static inline int again_with(const char *variable, const char *test)
{
	char self[4096], command[8192];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self));

	ok(length > 0);
	snprintf(command, sizeof(command), "%s=1 %.*s '%s'", variable, (int)length, self, test);
	FILE *pipe = popen(command, "r");
	/* Its lines are comments here. */
	for (char line[1024]; fgets(line, sizeof(line), pipe);)
		printf("# again: %s", line);
	return pclose(pipe);
}

static void tap_run(const struct tap_test *test)
{
	tap_failed = 0;
	tap_skipped = NULL;
	alarm(TAP_SECONDS);
	if (!setjmp(tap_leave))
		test->run();
}

int main(int argc, char **argv)
{
	int number = 0, failures = 0;

	tap_own_thread = 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (struct tap_test *test = tap_first; test; test = test->next) {
		if (argc > 1 && !strstr(test->name, argv[1]))
			continue;
		number++;
		tap_run(test);
		printf("%sok %d - %s%s%s\n", tap_failed ? "not " : "", number, test->name,
		       tap_skipped ? " # SKIP " : "", tap_skipped ? tap_skipped : "");
		failures += tap_failed;
	}
	printf("1..%d\n", number);
	return failures || !number;
}

#endif
