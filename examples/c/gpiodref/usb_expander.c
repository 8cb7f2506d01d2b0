/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * usb_expander: a driver in this process for GPIO lines behind a file descriptor, which may be unplugged at any moment.
 *
 * The device is made up, and played by a thread at the other end of a socket; a serial port or a USB endpoint would do as well. Each
 * message has three bytes: what, which line, which level. The host asks 'i' and 'o' (make it an input, an output), 's' (set) and 'g'
 * (get), and each is answered with the same and the level; 'e' comes unasked: an input has changed. No hardware is needed.
 */
#include <errno.h>
#include <gpiodref.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINES = 8, LED = 2, BUTTON = 5, PATIENCE_SECONDS = 5 };

struct message {
	unsigned char what, line, level;
};

/* Whether there is one more. */
static int receive(int fd, struct message *message)
{
	size_t got = 0;

	while (got < sizeof(*message)) {
		ssize_t more = read(fd, (char *)message + got, sizeof(*message) - got);
		if (more == 0 || (more < 0 && errno != EINTR))
			return 0;
		got += more > 0 ? more : 0;
	}
	return 1;
}

static int tell(int fd, unsigned char what, unsigned char line, unsigned char level)
{
	struct message message = {what, line, level};

	return send(fd, &message, sizeof(message), MSG_NOSIGNAL) == sizeof(message) ? 0 : -ENODEV;
}

/* --- the driver --- */

struct expander {
	int fd;
	pthread_t reader;
	gpiodref_chip *chip;
	pthread_mutex_t turn; /* one question at a time */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t news;
	int is_answered, is_gone, answer;
};

/* Asks the device, and waits for the answer: the level, or a negative errno. */
static int ask(struct expander *expander, unsigned char what, unsigned line, int level)
{
	struct timespec end;
	int result, late = 0;

	pthread_mutex_lock(&expander->turn);
	clock_gettime(CLOCK_MONOTONIC, &end); /* the device is not to blame for the time that others took */
	end.tv_sec += PATIENCE_SECONDS;
	pthread_mutex_lock(&expander->lock);
	expander->is_answered = 0;
	result = expander->is_gone ? -ENODEV : tell(expander->fd, what, line, level);
	while (!result && !late && !expander->is_answered && !expander->is_gone)
		late = pthread_cond_timedwait(&expander->news, &expander->lock, &end);
	if (!result)
		result = expander->is_answered ? expander->answer : expander->is_gone ? -ENODEV : -ETIMEDOUT;
	pthread_mutex_unlock(&expander->lock);
	/* An answer that comes too late would be taken for another one's: a device that is silent counts as unplugged. */
	if (result == -ETIMEDOUT)
		shutdown(expander->fd, SHUT_RDWR);
	pthread_mutex_unlock(&expander->turn);
	return result;
}

static int configure(unsigned line, const struct gpiodref_config *config, void *expander)
{
	if (config->bias > GPIODREF_BIAS_DISABLED || config->drive != GPIODREF_DRIVE_PUSH_PULL)
		return -EOPNOTSUPP; /* it has no resistors, and drives both levels */
	int result = ask(expander, config->direction == GPIODREF_DIRECTION_OUTPUT ? 'o' : 'i', line, config->value);
	return result < 0 ? result : 0;
}

static int get(unsigned line, void *expander)
{
	return ask(expander, 'g', line, 0);
}

static int set(unsigned line, int level, void *expander)
{
	int result = ask(expander, 's', line, level);

	return result < 0 ? result : 0;
}

/* The last call: the chip is removed, and nobody holds it or a line of it any more. */
static void release(void *user_data)
{
	struct expander *expander = user_data;

	printf("released: nobody holds the expander any more\n");
	close(expander->fd);
	pthread_cond_destroy(&expander->news);
	pthread_mutex_destroy(&expander->lock);
	pthread_mutex_destroy(&expander->turn);
	free(expander);
}

/* Takes what the device tells, until it is unplugged. */
static void *read_messages(void *user_data)
{
	struct expander *expander = user_data;
	struct message message;

	while (receive(expander->fd, &message)) {
		if (message.what == 'e') {
			gpiodref_chip_push_edge(expander->chip, message.line, message.level, 0);
			continue;
		}
		pthread_mutex_lock(&expander->lock);
		expander->is_answered = 1;
		expander->answer = message.level;
		pthread_cond_broadcast(&expander->news);
		pthread_mutex_unlock(&expander->lock);
	}
	/* First those who wait for an answer, then all who use the chip: none of them waits for us, nor we for them. */
	pthread_mutex_lock(&expander->lock);
	expander->is_gone = 1;
	pthread_cond_broadcast(&expander->news);
	pthread_mutex_unlock(&expander->lock);
	gpiodref_chip_remove(expander->chip);
	return NULL;
}

/* A device is there. NULL if that cannot be. */
static struct expander *probe(int fd)
{
	static const char *const names[LINES] = {[LED] = "USB_LED", [BUTTON] = "USB_BUTTON"};
	static const struct gpiodref_chip_config config = {
		.size = sizeof(config), .label = "usb-expander", .names = names, .num_lines = LINES};
	static const struct gpiodref_chip_ops ops = {
		.size = sizeof(ops), .configure = configure, .get = get, .set = set, .release = release};
	struct expander *expander = calloc(1, sizeof(*expander));
	pthread_condattr_t monotonic;

	if (!expander)
		return NULL;
	expander->fd = fd;
	pthread_mutex_init(&expander->turn, NULL);
	pthread_mutex_init(&expander->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC); /* which nobody sets anew */
	pthread_cond_init(&expander->news, &monotonic);
	pthread_condattr_destroy(&monotonic);
	gpiodref_chip *chip = gpiodref_chip_register(&config, &ops, expander);
	if (!chip)
		return NULL; /* release() has been called */
	expander->chip = chip;
	if (pthread_create(&expander->reader, NULL, read_messages, expander)) {
		gpiodref_chip_remove(chip);
		gpiodref_chip_put(chip);
		return NULL;
	}
	printf("plugged in: %s, %u lines\n", gpiodref_chip_label(chip), gpiodref_chip_num_lines(chip));
	return expander;
}

/* It was unplugged. What it has is freed by whoever holds a line of it last. */
static void disconnect(struct expander *expander)
{
	pthread_join(expander->reader, NULL);
	gpiodref_chip_put(expander->chip);
}

/* --- the device, as a program sees it from outside --- */

struct device {
	int fd;
	pthread_t thread;
	pthread_mutex_t lock;
	unsigned char levels[LINES];
};

static void *answer(void *user_data)
{
	struct device *device = user_data;
	struct message message;

	while (receive(device->fd, &message) && message.line < LINES) {
		pthread_mutex_lock(&device->lock);
		unsigned char *level = &device->levels[message.line];
		if (message.what == 's' || message.what == 'o')
			*level = message.level;
		tell(device->fd, message.what, message.line, *level);
		pthread_mutex_unlock(&device->lock);
	}
	return NULL;
}

static int level(struct device *device, unsigned line)
{
	pthread_mutex_lock(&device->lock);
	int level = device->levels[line];
	pthread_mutex_unlock(&device->lock);
	return level;
}

static void press(struct device *device, unsigned line, int level)
{
	pthread_mutex_lock(&device->lock);
	device->levels[line] = level;
	tell(device->fd, 'e', line, level);
	pthread_mutex_unlock(&device->lock);
}

static struct expander *plug_in(struct device *device)
{
	int ends[2];

	*device = (struct device){.lock = PTHREAD_MUTEX_INITIALIZER};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return NULL;
	device->fd = ends[0];
	if (pthread_create(&device->thread, NULL, answer, device))
		return NULL;
	return probe(ends[1]);
}

static void pull_out(struct device *device)
{
	shutdown(device->fd, SHUT_RDWR);
	pthread_join(device->thread, NULL);
	close(device->fd);
}

/* --- somebody who uses the lines, and knows nothing of all this --- */

static void show_event(gpiodref_desc *button)
{
	struct gpiodref_event event;
	int end = gpiodref_wait(button, 10 * 1000);

	if (end == GPIODREF_WAIT_EVENT && gpiodref_read_events(button, &event, 1) == 1)
		printf("%s: %s\n", gpiodref_desc_name(button),
		       event.type == GPIODREF_EVENT_RISING ? "pressed" : "released");
	else
		printf("%s: %s\n", gpiodref_desc_name(button), end == GPIODREF_WAIT_GONE ? "the chip is gone" : "nothing came");
}

int main(void)
{
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT};
	struct gpiodref_config edges = {
		.size = sizeof(edges), .direction = GPIODREF_DIRECTION_INPUT, .edge = GPIODREF_EDGE_BOTH};
	struct device device;
	struct expander *expander = plug_in(&device);
	gpiodref_desc *led = expander ? gpiodref_request_by_name("USB_LED", &output, "blinker") : NULL;
	gpiodref_desc *button = led ? gpiodref_request_by_name("USB_BUTTON", &edges, "watcher") : NULL;
	if (!button)
		return fprintf(stderr, "usb_expander: %s\n", gpiodref_last_error()), 1;

	if (gpiodref_set_value(led, 1) == 0)
		printf("%s is set, and the device's pin is %s\n", gpiodref_desc_name(led), level(&device, LED) ? "high" : "low");
	press(&device, BUTTON, 1);
	show_event(button);
	printf("%s reads %d\n", gpiodref_desc_name(button), gpiodref_get_value(button));
	press(&device, BUTTON, 0);

	pull_out(&device);
	printf("the cable is pulled out, while both lines are held\n");
	disconnect(expander);
	show_event(button); /* what came before that is not lost */
	show_event(button);
	if (gpiodref_set_value(led, 0) < 0)
		printf("%s\n", gpiodref_last_error());

	expander = plug_in(&device);
	gpiodref_desc *again = gpiodref_reattach(button); /* the expander that has this label now */
	if (!expander || !again)
		return fprintf(stderr, "usb_expander: %s\n", gpiodref_last_error()), 1;
	gpiodref_put(led);
	gpiodref_put(button); /* the last one of the first expander */
	press(&device, BUTTON, 1);
	show_event(again);
	gpiodref_put(again);
	pull_out(&device);
	disconnect(expander);
}
