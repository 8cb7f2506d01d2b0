/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What concerns the library as a whole: its version, its last error, its settings. */
#include <gpiodref.h>

#define TAP_EXPLAIN gpiodref_last_error
#include "tap.h"

TEST("the version is a number")
{
	int major, minor, patch, end = 0;

	ok_int(sscanf(gpiodref_version(), "%d.%d.%d%n", &major, &minor, &patch, &end), 3);
	ok_int(gpiodref_version()[end], '\0');
}

TEST("the last error is empty, then that of the last call that failed")
{
	ok_str(gpiodref_last_error(), "");
	ok_error(gpiodref_set_tracking(3), -EINVAL, "level is 3, and 2 is the highest");
	ok0(gpiodref_set_tracking(0));
	ok_str(gpiodref_last_error(), "level is 3, and 2 is the highest");
}

TEST("a tag is UTF-8, or NULL for none")
{
	ok0(gpiodref_set_tag("the reader"));
	ok_int(gpiodref_set_tag("\xff"), -EINVAL);
	ok_contains(gpiodref_last_error(), "tag is not UTF-8");
	ok0(gpiodref_set_tag(NULL));
}

static void hear(int level, const char *message, void *user_data)
{
	(void)level, (void)message, (void)user_data;
}

static void destroy(void *user_data)
{
	++*(int *)user_data;
}

TEST("K2 the user data of the log callback is destroyed once, when another takes its place")
{
	int destroyed = 0;

	ok0(gpiodref_set_log_callback(hear, &destroyed, destroy));
	ok_int(destroyed, 0);
	ok0(gpiodref_set_log_callback(NULL, NULL, NULL));
	ok_int(destroyed, 1);
	ok0(gpiodref_set_log_callback(NULL, &destroyed, destroy));
	ok_int(destroyed, 2);
}

TEST("K3 NULL may be freed")
{
	gpiodref_free(NULL);
}
