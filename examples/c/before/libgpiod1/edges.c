/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* edges LINE: prints the edges of a line, until its chip goes. */
#include <errno.h>
#include <gpiod.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc != 2)
		return fprintf(stderr, "usage: edges LINE\n"), 1;
	struct gpiod_line *line = gpiod_line_find(argv[1]);
	if (!line || gpiod_line_request_both_edges_events(line, "edges"))
		return perror(argv[1]), 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");

	for (;;) {
		struct gpiod_line_event events[16];
		/* Without a wait before it, this sleeps in read(), and keeps the driver of the chip from being removed. */
		int number = gpiod_line_event_wait(line, NULL);
		if (number > 0)
			number = gpiod_line_event_read_multiple(line, events, 16);
		if (number < 0)
			break;
		for (int i = 0; i < number; i++)
			printf("%s\n", events[i].event_type == GPIOD_LINE_EVENT_RISING_EDGE ? "rising" : "falling");
	}
	/* Whether there was an event or the chip is gone, only the read has told. */
	printf(errno == ENODEV ? "gone\n" : "failed\n");
	gpiod_line_close_chip(line);
}
