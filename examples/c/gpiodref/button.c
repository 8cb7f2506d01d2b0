/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* button LINE: prints edges, and lives through an unplugged chip: it waits until label and line are there again. */
#include <errno.h>
#include <gpiodref.h>
#include <stdio.h>
#include <unistd.h>

static void print_events(gpiodref_desc *button)
{
	struct gpiodref_event events[16];
	int number;

	while ((number = gpiodref_read_events(button, events, 16)) > 0)
		for (int i = 0; i < number; i++)
			printf("%s\n", events[i].type == GPIODREF_EVENT_RISING ? "pressed" : "released");
}

/* The line of a chip that has come back; NULL if that cannot be any more. */
static gpiodref_desc *wait_for(gpiodref_desc *gone)
{
	gpiodref_desc *again;

	while (!(again = gpiodref_reattach(gone)) && errno == ENODEV)
		usleep(100 * 1000);
	gpiodref_put(gone);
	return again;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "usage: button LINE\n"), 1;
	struct gpiodref_config input = {
		.size = sizeof(input), .direction = GPIODREF_DIRECTION_INPUT, .edge = GPIODREF_EDGE_BOTH};
	gpiodref_desc *button = gpiodref_request_by_name(argv[1], &input, "button");
	int end;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (button) {
		printf("plugged in\n");
		while ((end = gpiodref_wait(button, -1)) == GPIODREF_WAIT_EVENT)
			print_events(button);
		if (end != GPIODREF_WAIT_GONE)
			break;
		printf("unplugged\n");
		button = wait_for(button);
	}
	fprintf(stderr, "button: %s\n", gpiodref_last_error());
	gpiodref_put(button);
	return 1;
}
