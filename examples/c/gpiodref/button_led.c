/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * button_led [-s] BUTTON LED: each press of the button turns the LED on or off. Both lines are found by name, and may be on different
 * chips.
 *
 * One poll() waits for the button, for the LED's chip to go, and for a signal that ends the program. When a chip is unplugged the
 * program waits until label and line are there again, and the LED is what it was. With -s no hardware is needed: the lines are
 * simulated, and a thread presses the button and unplugs the chip.
 */
#include <errno.h>
#include <gpiodref.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { RETRY_MS = 100, PATIENCE_MS = 60000 };

struct board {
	gpiodref_desc *button, *led;
	int is_on;
};

/* --- the program --- */

/* Whether a line is there, requested again where it was lost: 0 as long as its chip is away, -1 when it will not come. */
static int regain(gpiodref_desc **line)
{
	if (gpiodref_is_alive(*line) > 0)
		return 1;
	gpiodref_desc *again = gpiodref_reattach(*line);
	if (!again)
		return errno == ENODEV || errno == ENOENT || errno == EACCES ? 0 : -1;
	gpiodref_put(*line);
	*line = again;
	return 1;
}

/* Whether both lines are there now; -1 when they never will be. */
static int both_are_there(struct board *board)
{
	int button = regain(&board->button), led = regain(&board->led);

	if (button < 0 || led < 0)
		return -1;
	return button && led && !gpiodref_set_value(board->led, board->is_on);
}

/* Everything that has come, until nothing is left: 0, or -ENODEV when a chip is gone. */
static int handle_presses(struct board *board)
{
	struct gpiodref_event events[16];
	int number;

	while ((number = gpiodref_read_events(board->button, events, 16)) > 0)
		for (int i = 0; i < number; i++) {
			if (events[i].type != GPIODREF_EVENT_RISING)
				continue;
			int error = gpiodref_set_value(board->led, board->is_on = !board->is_on);
			if (error)
				return error;
			printf("pressed: the LED is %s\n", board->is_on ? "on" : "off");
		}
	return number;
}

static int loop(struct board *board, int signals)
{
	int plugged = 1;

	printf("plugged in: the LED is off\n");
	for (;;) {
		gpiodref_chip *led_chip = gpiodref_desc_chip(board->led);
		struct pollfd fds[] = {
			{.fd = signals, .events = POLLIN},
			{.fd = plugged ? gpiodref_fd(board->button) : -1, .events = POLLIN},
			{.fd = plugged ? gpiodref_chip_fd(led_chip) : -1},
		};
		int ready = poll(fds, 3, plugged ? -1 : RETRY_MS);

		gpiodref_chip_put(led_chip); /* the line holds it */
		if (ready < 0 && errno != EINTR)
			return -1;
		if (ready > 0 && fds[0].revents)
			return 0;
		if (plugged) {
			int error = handle_presses(board);
			if (error && error != -ENODEV)
				return -1;
			plugged = !error && gpiodref_is_alive(board->led) == 1;
			if (!plugged)
				printf("unplugged\n");
		} else {
			plugged = both_are_there(board);
			if (plugged < 0)
				return -1;
			if (plugged)
				printf("plugged in again: the LED is %s\n", board->is_on ? "on" : "off");
		}
	}
}

/* --- what presses the button, with -s --- */

struct hand {
	gpiodref_sim *sim;
	const char *names[2];
};

static int plug_in(struct hand *hand)
{
	struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = "simulated", .names = hand->names, .num_lines = 2};

	gpiodref_sim_put(hand->sim);
	hand->sim = gpiodref_sim_new(&config);
	return hand->sim ? 0 : -1;
}

/* Until the program has requested the line again, or has done what we wait for. */
static void wait_for_level(const struct hand *hand, int level)
{
	for (int tries = 0; gpiodref_sim_level(hand->sim, 1) != level; tries++, usleep(1000))
		if (tries == PATIENCE_MS) {
			fprintf(stderr, "button_led: the LED does not go %s\n", level ? "on" : "off");
			exit(1);
		}
}

static void press(const struct hand *hand, int level)
{
	gpiodref_sim_set_pull(hand->sim, 0, 1);
	gpiodref_sim_set_pull(hand->sim, 0, 0);
	wait_for_level(hand, level);
}

static void *play(void *user_data)
{
	struct hand *hand = user_data;

	press(hand, 1);
	press(hand, 0);
	press(hand, 1);
	gpiodref_sim_remove(hand->sim);
	usleep(2 * RETRY_MS * 1000);
	plug_in(hand);
	wait_for_level(hand, 1); /* what it was */
	press(hand, 0);
	kill(getpid(), SIGTERM);
	return NULL;
}

int main(int argc, char **argv)
{
	/* A real button bounces: there .debounce_us = 5000 helps. */
	struct gpiodref_config input = {
		.size = sizeof(input), .direction = GPIODREF_DIRECTION_INPUT, .edge = GPIODREF_EDGE_RISING};
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};
	int is_simulated = argc > 1 && !strcmp(argv[1], "-s");
	pthread_t thread;
	sigset_t ends;

	if (argc - is_simulated != 3)
		return fprintf(stderr, "usage: button_led [-s] BUTTON LED\n"), 1;
	struct hand hand = {.names = {argv[argc - 2], argv[argc - 1]}};
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	int signals = signalfd(-1, &ends, SFD_CLOEXEC), end = -1;

	if (is_simulated && plug_in(&hand))
		return fprintf(stderr, "button_led: %s\n", gpiodref_last_error()), 1;
	struct board board = {.button = gpiodref_request_by_name(hand.names[0], &input, "button_led")};
	if (board.button)
		board.led = gpiodref_request_by_name(hand.names[1], &output, "button_led");
	if (board.led) {
		if (is_simulated && pthread_create(&thread, NULL, play, &hand))
			return fprintf(stderr, "button_led: nobody is there to press the button\n"), 1;
		end = loop(&board, signals);
		if (is_simulated && !end)
			pthread_join(thread, NULL);
	}
	if (end)
		fprintf(stderr, "button_led: %s\n", gpiodref_last_error());
	else
		gpiodref_set_value(board.led, 0);
	gpiodref_put(board.led);
	gpiodref_put(board.button);
	if (is_simulated && !end) {
		gpiodref_sim_remove(hand.sim);
		gpiodref_sim_put(hand.sim);
	}
	close(signals);
	return end != 0;
}
