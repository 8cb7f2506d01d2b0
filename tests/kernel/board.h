/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The board of the kernel tests of libgpiodref: a chip of gpio-sim with lines that have names, and a stranger who takes lines
 * past the library, as another program does.
 */
#ifndef BOARD_H
#define BOARD_H

/* The machine is emulated. */
#define LATEST_MS 20000

#include "gpio.h"

#include <linux/gpio.h>
#include <sys/ioctl.h>

#include "sim.h"

enum { SOON_MS = 60000, QUIET_MS = 50, ASLEEP_MS = 20, OPENED_ANEW = 1, MANY_ROUNDS = 300 };

#define GET_CALL "GPIO_V2_LINE_GET_VALUES_IOCTL"
#define SET_CALL "GPIO_V2_LINE_SET_VALUES_IOCTL"
#define POLL_GONE (POLLERR | POLLHUP)

static inline int wake_rounds(void)
{
	return 5;
}

static struct sim board;

static inline void make_sim(struct sim *sim, const char *label, unsigned lines)
{
	/* What a test that failed has left would have the same label. */
	if (sim->config[0])
		sim_remove(sim->config);
	sim_create(sim, label, lines);
}

static inline void plug_as(unsigned lines, const char *const *names)
{
	make_sim(&board, "board", lines);
	for (unsigned i = 0; i < 8; i++)
		if (names[i])
			sim_name(&board, i, names[i]);
	sim_live(&board, 1);
	chip = gpiodref_chip_open(board.path);
	ok(chip);
}

static inline void plug_lines(unsigned lines)
{
	plug_as(lines, line_names);
}

static inline void plug_named(const char *const *names)
{
	plug_as(8, names);
}

static inline void plug(void)
{
	plug_lines(8);
}

static inline void unplug(void)
{
	sim_live(&board, 0);
}

static inline void let_go(void)
{
	gpiodref_chip_put(chip);
	chip = NULL;
	sim_destroy(&board);
}

static inline void unplug_and_let_go(void)
{
	unplug();
	let_go();
}

/* One edge at a time: gpio-sim makes one of two that come too fast. */
static inline void pull(unsigned offset, int up)
{
	enum { APART_MS = 50 };
	static uint64_t last;
	uint64_t now = milliseconds();

	if (now < last + APART_MS)
		sim_sleep(last + APART_MS - now);
	sim_pull(&board, offset, up);
	last = milliseconds();
}

static inline int level(unsigned offset)
{
	return sim_value(&board, offset);
}

/* The file descriptor of lines from `first` on, requested past the library under the name "stranger". */
static inline int stranger(unsigned first, unsigned lines, uint64_t flags)
{
	struct gpio_v2_line_request request = {.num_lines = lines, .consumer = "stranger", .config.flags = flags};
	int fd = open(board.path, O_RDWR | O_CLOEXEC);

	ok(fd >= 0);
	for (unsigned i = 0; i < lines; i++)
		request.offsets[i] = first + i;
	ok0(ioctl(fd, GPIO_V2_GET_LINE_IOCTL, &request));
	close(fd);
	return request.fd;
}

static inline int stranger_value(int fd)
{
	struct gpio_v2_line_values values = {.mask = 1};

	ok0(ioctl(fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &values));
	return values.bits;
}

#endif
