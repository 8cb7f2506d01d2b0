/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What libgpiodref takes for granted about the kernel's GPIO interface (v2), asked of the kernel itself. Where one of
 * these fails on some kernel, a rule of the library may not hold there either.
 */
#define _GNU_SOURCE
#include <linux/gpio.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "sim.h"

/* The call fails with this errno. */
#define ok_fails(call, want)                                                               \
	do {                                                                               \
		errno = 0;                                                                 \
		long long facts_got = (call);                                              \
		int facts_errno = errno;                                                   \
		if (facts_got != -1 || facts_errno != (want))                              \
			tap_fail("%s is %lld with errno %d, not -1 with %d (%s)", #call,   \
				 facts_got, facts_errno, want, #want);                     \
	} while (0)

static int open_chip(const struct sim *sim)
{
	int fd = open(sim->path, O_RDWR | O_CLOEXEC);

	ok(fd >= 0);
	return fd;
}

static struct gpio_v2_line_request request(__u64 flags, unsigned lines)
{
	struct gpio_v2_line_request request = {.num_lines = lines, .consumer = "facts", .config.flags = flags};

	for (unsigned i = 0; i < lines && i < GPIO_V2_LINES_MAX; i++)
		request.offsets[i] = i;
	return request;
}

/* The descriptor of line 0. */
static int take_line(int chip, __u64 flags)
{
	struct gpio_v2_line_request line = request(flags, 1);

	ok0(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &line));
	ok0(fcntl(line.fd, F_SETFL, O_NONBLOCK));
	return line.fd;
}

static int get_value(int line)
{
	struct gpio_v2_line_values values = {.mask = 1};

	return ioctl(line, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) ? -1 : (int)values.bits;
}

static int set_value(int line, int value)
{
	struct gpio_v2_line_values values = {.mask = 1, .bits = value};

	return ioctl(line, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}

/* What poll() says within some milliseconds. */
static int polled(int fd, int milliseconds)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};

	ok(poll(&entry, 1, milliseconds) >= 0);
	return entry.revents;
}

static void plug(struct sim *sim)
{
	sim_create(sim, "facts", 70);
	sim_live(sim, 1);
}

TEST("G4 once the chip is gone, every ioctl on what is held is ENODEV")
{
	struct sim sim;
	struct gpiochip_info info;
	struct gpio_v2_line_info line_info = {.offset = 0};
	struct gpio_v2_line_request again = request(GPIO_V2_LINE_FLAG_INPUT, 1);
	struct gpio_v2_line_config config = {.flags = GPIO_V2_LINE_FLAG_INPUT};
	int chip, line;

	plug(&sim);
	chip = open_chip(&sim);
	line = take_line(chip, GPIO_V2_LINE_FLAG_OUTPUT);
	ok0(set_value(line, 1));
	sim_live(&sim, 0);

	ok_fails(ioctl(chip, GPIO_GET_CHIPINFO_IOCTL, &info), ENODEV);
	ok_fails(ioctl(chip, GPIO_V2_GET_LINEINFO_IOCTL, &line_info), ENODEV);
	ok_fails(ioctl(chip, GPIO_V2_GET_LINEINFO_WATCH_IOCTL, &line_info), ENODEV);
	ok_fails(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &again), ENODEV);
	ok_fails(get_value(line), ENODEV);
	ok_fails(set_value(line, 0), ENODEV);
	ok_fails(ioctl(line, GPIO_V2_LINE_SET_CONFIG_IOCTL, &config), ENODEV);
	close(line);
	close(chip);
	sim_destroy(&sim);
}

TEST("G4 once the chip is gone, poll() says ERR and HUP at once, on the chip and on its lines")
{
	struct sim sim;
	int chip, line;

	plug(&sim);
	chip = open_chip(&sim);
	line = take_line(chip, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING);
	ok_int(polled(line, 0), 0);
	sim_live(&sim, 0);

	ok_int(polled(line, 0) & (POLLERR | POLLHUP), POLLERR | POLLHUP);
	ok_int(polled(chip, 0) & (POLLERR | POLLHUP), POLLERR | POLLHUP);
	close(line);
	close(chip);
	sim_destroy(&sim);
}

TEST("edge events that were queued when the chip went are lost")
{
	struct sim sim;
	struct gpio_v2_line_event event;
	int chip, line;

	plug(&sim);
	chip = open_chip(&sim);
	line = take_line(chip, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING);
	sim_pull(&sim, 0, 1);
	ok_int(polled(line, 5000), POLLIN);
	sim_live(&sim, 0);

	ok_fails(read(line, &event, sizeof(event)), ENODEV);
	close(line);
	close(chip);
	sim_destroy(&sim);
}

TEST("a chip that comes back takes another number while its old one is held, and the same one otherwise")
{
	struct sim sim;
	char first[sizeof(sim.chip)];
	int chip;

	plug(&sim);
	strcpy(first, sim.chip);
	chip = open_chip(&sim);
	sim_live(&sim, 0);
	sim_live(&sim, 1);
	ok(strcmp(sim.chip, first));
	close(chip);

	sim_live(&sim, 0);
	sim_live(&sim, 1);
	ok_str(sim.chip, first);
	sim_destroy(&sim);
}

static void *read_blocked(void *fd)
{
	struct gpio_v2_line_event event;

	return (void *)(long)(read(*(int *)fd, &event, sizeof(event)) < 0 ? errno : 0);
}

static void *unplug(void *sim)
{
	sim_write(sim, "0", "live");
	return NULL;
}

static void wake(int signal) { (void)signal; }

TEST("a thread that is blocked in read() keeps the chip from going")
{
	struct sigaction action = {.sa_handler = wake};
	struct sim sim;
	struct timespec until;
	pthread_t reader, remover;
	void *error;
	int chip, line;

	plug(&sim);
	chip = open_chip(&sim);
	line = take_line(chip, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING);
	ok0(fcntl(line, F_SETFL, 0));
	ok0(sigaction(SIGUSR1, &action, NULL));
	ok0(pthread_create(&reader, NULL, read_blocked, &line));
	sim_sleep(200);
	ok0(pthread_create(&remover, NULL, unplug, &sim));

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	ok_int(pthread_timedjoin_np(remover, NULL, &until), ETIMEDOUT);
	ok0(pthread_kill(reader, SIGUSR1));
	ok0(pthread_join(reader, &error));
	ok_int((long)error, EINTR);
	ok0(pthread_join(remover, NULL));
	close(line);
	close(chip);
	sim_destroy(&sim);
}

TEST("a line that is twice in a request, or held already, is EBUSY")
{
	struct sim sim;
	struct gpio_v2_line_request twice = request(GPIO_V2_LINE_FLAG_INPUT, 2), one = request(GPIO_V2_LINE_FLAG_INPUT, 1);
	int chip, line;

	plug(&sim);
	chip = open_chip(&sim);
	twice.offsets[1] = 0;
	ok_fails(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &twice), EBUSY);
	line = take_line(chip, GPIO_V2_LINE_FLAG_INPUT);
	ok_fails(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &one), EBUSY);
	close(line);
	ok0(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &one));
	close(one.fd);
	close(chip);
	sim_destroy(&sim);
}

TEST("a request takes 64 lines and 10 attributes, and no more")
{
	struct sim sim;
	struct gpio_v2_line_request lines = request(GPIO_V2_LINE_FLAG_INPUT, 64);
	struct gpio_v2_line_request attributes = request(GPIO_V2_LINE_FLAG_INPUT, 12);
	int chip;

	plug(&sim);
	chip = open_chip(&sim);
	ok0(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &lines));
	close(lines.fd);
	lines.num_lines = 65;
	ok_fails(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &lines), EINVAL);

	attributes.config.num_attrs = 10;
	for (int i = 0; i < 10; i++) {
		attributes.config.attrs[i].mask = 1 << i;
		attributes.config.attrs[i].attr.id = GPIO_V2_LINE_ATTR_ID_FLAGS;
		attributes.config.attrs[i].attr.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW;
	}
	ok0(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &attributes));
	close(attributes.fd);
	attributes.config.num_attrs = 11;
	ok_fails(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &attributes), EINVAL);
	close(chip);
	sim_destroy(&sim);
}

TEST("the value that is set is on the wire")
{
	struct sim sim;
	int chip, line;

	plug(&sim);
	chip = open_chip(&sim);
	line = take_line(chip, GPIO_V2_LINE_FLAG_OUTPUT);
	ok_int(sim_value(&sim, 0), 0);
	ok0(set_value(line, 1));
	ok_int(sim_value(&sim, 0), 1);
	ok_int(get_value(line), 1);
	ok0(set_value(line, 0));
	ok_int(sim_value(&sim, 0), 0);
	close(line);
	close(chip);
	sim_destroy(&sim);
}

TEST("what happens on the wire is an edge event, with its time and number")
{
	struct sim sim;
	struct gpio_v2_line_event event[2];
	int chip, line;

	plug(&sim);
	chip = open_chip(&sim);
	line = take_line(chip, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING);
	for (int up = 1; up >= 0; up--) {
		sim_pull(&sim, 0, up);
		ok_int(polled(line, 5000), POLLIN);
		ok_int(get_value(line), up);
		ok_int(read(line, &event[up], sizeof(event[up])), sizeof(event[up]));
		ok_int(event[up].id, up ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE);
		ok_int(event[up].offset, 0);
	}
	ok_int(event[1].line_seqno, 1);
	ok_int(event[0].line_seqno, 2);
	ok(event[1].timestamp_ns < event[0].timestamp_ns);
	ok_fails(read(line, event, sizeof(event)), EAGAIN);
	close(line);
	close(chip);
	sim_destroy(&sim);
}

TEST("/proc/self/fdinfo names the chip and the lines of a descriptor")
{
	struct sim sim;
	struct gpio_v2_line_request lines = request(GPIO_V2_LINE_FLAG_INPUT, 2);
	char path[64], text[1024] = "", want[128];
	FILE *file;
	int chip;

	plug(&sim);
	chip = open_chip(&sim);
	lines.offsets[1] = 42;
	ok0(ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &lines));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", lines.fd);
	file = fopen(path, "r");
	ok(file);
	ok(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	snprintf(want, sizeof(want), "gpio-chip:\t%s\ngpio-line:\t0\ngpio-line:\t42\n", sim.chip);
	ok_contains(text, want);
	close(lines.fd);
	close(chip);
	sim_destroy(&sim);
}

TEST("names, labels and hogs are told; an unused line has none")
{
	struct sim sim;
	struct gpiochip_info info;
	struct gpio_v2_line_info line = {.offset = 3};
	int chip;

	sim_create(&sim, "board", 5);
	sim_name(&sim, 3, "LED");
	sim_hog(&sim, 4, "boot", "output-high");
	sim_live(&sim, 1);
	chip = open_chip(&sim);
	ok0(ioctl(chip, GPIO_GET_CHIPINFO_IOCTL, &info));
	ok_str(info.name, sim.chip);
	ok_str(info.label, "board");
	ok_int(info.lines, 5);

	ok0(ioctl(chip, GPIO_V2_GET_LINEINFO_IOCTL, &line));
	ok_str(line.name, "LED");
	ok_str(line.consumer, "");
	ok_int(line.flags & GPIO_V2_LINE_FLAG_USED, 0);

	line = (struct gpio_v2_line_info){.offset = 4};
	ok0(ioctl(chip, GPIO_V2_GET_LINEINFO_IOCTL, &line));
	ok_str(line.name, "");
	ok_str(line.consumer, "boot");
	ok_int(line.flags & GPIO_V2_LINE_FLAG_USED, GPIO_V2_LINE_FLAG_USED);
	ok_int(sim_value(&sim, 4), 1);
	close(chip);
	sim_destroy(&sim);
}
