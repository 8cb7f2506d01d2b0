/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* from_libgpiod_edges LINE: prints the edges of a line, until its chip goes. */
#include <gpiodref.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "usage: from_libgpiod_edges LINE\n"), 1;
	struct gpiodref_config input = {
		.size = sizeof(input), .direction = GPIODREF_DIRECTION_INPUT, .edge = GPIODREF_EDGE_BOTH};
	gpiodref_desc *line = gpiodref_request_by_name(argv[1], &input, "edges");
	if (!line)
		return fprintf(stderr, "edges: %s\n", gpiodref_last_error()), 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");

	int end, number;
	while ((end = gpiodref_wait(line, -1)) == GPIODREF_WAIT_EVENT) {
		struct gpiodref_event events[16];

		/* Never sleeps: until there is none. */
		while ((number = gpiodref_read_events(line, events, 16)) > 0)
			for (int i = 0; i < number; i++)
				printf("%s\n", events[i].type == GPIODREF_EVENT_RISING ? "rising" : "falling");
	}
	printf(end == GPIODREF_WAIT_GONE ? "gone\n" : "failed\n");
	gpiodref_put(line);
}
