/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* both LINE: libgpiod requests a line as an output, libgpiodref takes it over, and the part with libgpiod lets go. */
#include <gpiodref.h>
#include <unistd.h>

#include "find.h"

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "usage: both LINE\n"), 1;
	int found;
	struct gpiod_chip *chip = find_chip(argv[1], &found);
	if (!chip)
		return fprintf(stderr, "%s: no such line\n", argv[1]), 1;
	unsigned int offset = found;
	struct gpiod_line_settings *settings = gpiod_line_settings_new();
	gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
	struct gpiod_line_request *theirs = request(chip, &offset, 1, settings, "both");
	if (!theirs)
		return perror(argv[1]), 1;
	gpiod_chip_close(chip);

	/* The one file of the kernel under two numbers: each library closes its own. */
	gpiodref_desc *ours = gpiodref_adopt(dup(gpiod_line_request_get_fd(theirs)));
	if (!ours)
		return fprintf(stderr, "both: %s\n", gpiodref_last_error()), 1;
	gpiod_line_request_set_value(theirs, offset, GPIOD_LINE_VALUE_ACTIVE);
	printf("libgpiod has set %s, libgpiodref reads %d\n", gpiodref_desc_name(ours), gpiodref_get_value(ours));
	gpiod_line_request_release(theirs);

	if (gpiodref_set_value(ours, 0) < 0)
		return fprintf(stderr, "both: %s\n", gpiodref_last_error()), 1;
	printf("libgpiod has let go, and %s still is %s's\n", gpiodref_desc_name(ours), gpiodref_desc_consumer(ours));
	fflush(stdout);
	getchar();
	gpiodref_put(ours); /* now it is free */
}
