/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * guide_provider: a chip that this program provides: an expander of eight lines behind a bus (docs/guide/gpiodref). Here the bus is two
 * variables; in yours it is SPI, a socket, a PLC.
 */
#include <errno.h>
#include <gpiodref.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static _Noreturn void give_up(void)
{
	fprintf(stderr, "%s\n", gpiodref_last_error());
	exit(1);
}

/* The operations are called from any thread, several at a time: what they share has a lock. */
struct expander {
	pthread_mutex_t lock;
	unsigned int outputs, levels;
};

static int configure(unsigned int offset, const struct gpiodref_config *config, void *user_data)
{
	struct expander *expander = user_data;
	unsigned int bit = 1u << offset;

	if (config->bias != GPIODREF_BIAS_AS_IS)
		return -EOPNOTSUPP; /* this one has no resistors; who asks for one is told */
	pthread_mutex_lock(&expander->lock);
	if (config->direction == GPIODREF_DIRECTION_OUTPUT) {
		expander->outputs |= bit;
		expander->levels = config->value ? expander->levels | bit : expander->levels & ~bit;
	} else if (config->direction == GPIODREF_DIRECTION_INPUT) {
		expander->outputs &= ~bit;
	}
	pthread_mutex_unlock(&expander->lock);
	return 0;
}

static int get(unsigned int offset, void *user_data)
{
	struct expander *expander = user_data;

	pthread_mutex_lock(&expander->lock);
	int level = expander->levels >> offset & 1;
	pthread_mutex_unlock(&expander->lock);
	return level;
}

static int set(unsigned int offset, int level, void *user_data)
{
	struct expander *expander = user_data;

	pthread_mutex_lock(&expander->lock);
	expander->levels = (expander->levels & ~(1u << offset)) | (unsigned int)level << offset;
	pthread_mutex_unlock(&expander->lock);
	return 0;
}

/* The last of all calls: nobody holds the chip or a line of it any more. */
static void release(void *user_data)
{
	struct expander *expander = user_data;

	pthread_mutex_destroy(&expander->lock);
	free(expander);
	printf("the expander's memory is freed\n");
}

/* What the interrupt handler, or the thread that reads the bus, does when a level has changed. */
static void input_changed(gpiodref_chip *chip, struct expander *expander, unsigned int offset, int level)
{
	set(offset, level, expander);
	gpiodref_chip_push_edge(chip, offset, level, 0);
}

int main(void)
{
	static const struct gpiodref_chip_ops ops = {
		.size = sizeof(ops), .configure = configure, .get = get, .set = set, .release = release};
	const char *names[8] = {[0] = "RELAY", [1] = "DOOR"};
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "expander", .names = names, .num_lines = 8};
	struct expander *expander = calloc(1, sizeof(*expander));

	if (!expander)
		return perror("guide_provider"), 1;
	pthread_mutex_init(&expander->lock, NULL);
	/* From here on the expander is freed by release, also if this fails. */
	gpiodref_chip *chip = gpiodref_chip_register(&config, &ops, expander);
	if (!chip)
		give_up();

	/* Anybody in this program uses it as any other chip. */
	struct gpiodref_config output = {.size = sizeof(output), .direction = GPIODREF_DIRECTION_OUTPUT, .value = 1};
	struct gpiodref_config edges = {
		.size = sizeof(edges), .direction = GPIODREF_DIRECTION_INPUT, .edge = GPIODREF_EDGE_BOTH};
	gpiodref_desc *relay = gpiodref_request_by_name("RELAY", &output, "the heating");
	gpiodref_desc *door = gpiodref_request_by_name("DOOR", &edges, "the alarm");
	struct gpiodref_event event;
	if (!relay || !door)
		give_up();
	printf("%s of %s: %d\n", gpiodref_desc_name(relay), gpiodref_chip_label(chip), gpiodref_get_value(relay));
	input_changed(chip, expander, 1, 1);
	if (gpiodref_read_events(door, &event, 1) == 1)
		printf("the door is %s\n", event.type == GPIODREF_EVENT_RISING ? "open" : "closed");
	edges.bias = GPIODREF_BIAS_PULL_UP;
	if (gpiodref_reconfigure(door, &edges) < 0)
		printf("%s\n", gpiodref_last_error());

	/* The bus fails, or the cable is pulled: the chip goes, whoever has lines of it. */
	if (gpiodref_chip_remove(chip) < 0 || gpiodref_chip_drain(chip, 1000) < 0)
		give_up();
	gpiodref_chip_put(chip);
	if (gpiodref_set_value(relay, 0) == -ENODEV)
		printf("%s\n", gpiodref_last_error());
	gpiodref_put(door);
	gpiodref_put(relay); /* the last one */
}
