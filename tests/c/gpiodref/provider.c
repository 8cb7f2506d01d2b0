/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Chips that a program provides by a table of operations: what is called when, with what, and what the consumer gets (G9, K2, K5). */
#include "fixtures.h"

#include <stdarg.h>

/* A provider that writes down what it is asked, and does what it is told to. */
static struct {
	pthread_mutex_t lock;
	char said[4096];
	/* What the operations return, if not 0; for `get` this is the level. */
	int request, configure, get, set;
	unsigned refused_line;
	int released;
	gpiodref_chip *freed_inside;
} provider = {.lock = PTHREAD_MUTEX_INITIALIZER};

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	size_t length;
	va_list arguments;

	va_start(arguments, format);
	pthread_mutex_lock(&provider.lock);
	length = strlen(provider.said);
	vsnprintf(provider.said + length, sizeof(provider.said) - length, format, arguments);
	pthread_mutex_unlock(&provider.lock);
	va_end(arguments);
}

/* What it was asked since the last time. */
#define ok_said(want)                                                                      \
	do {                                                                               \
		ok_str(provider.said, want);                                               \
		provider.said[0] = 0;                                                      \
	} while (0)

static int on_request(unsigned offset, void *data)
{
	say("request %u; ", offset);
	ok(data == &provider);
	return offset == provider.refused_line ? provider.request : 0;
}

static void on_free(unsigned offset, void *data)
{
	say("free %u; ", offset);
	ok(data == &provider);
}

static int on_configure(unsigned offset, const struct gpiodref_config *config, void *data)
{
	static const char *const directions[] = {"as-is", "input", "output"};
	static const char *const edges[] = {"", " rising", " falling", " both"};

	say("%s%s %u", directions[config->direction], edges[config->edge], offset);
	if (config->direction == GPIODREF_DIRECTION_OUTPUT)
		say(" = %d", config->value);
	if (config->bias)
		say(" bias %u", config->bias);
	if (config->drive)
		say(" drive %u", config->drive);
	say("; ");
	/* What is the library's work is not asked of the provider. */
	ok_int(config->size, sizeof(*config));
	ok(!config->flags && !config->debounce_us && !config->event_buffer);
	ok(data == &provider);
	return offset == provider.refused_line ? provider.configure : 0;
}

static int on_get(unsigned offset, void *data)
{
	say("get %u; ", offset);
	ok(data == &provider);
	return provider.get;
}

static int on_set(unsigned offset, int level, void *data)
{
	say("set %u = %d; ", offset, level);
	ok(data == &provider);
	return provider.set;
}

static int on_get_multiple(const unsigned *offsets, size_t count, uint64_t *levels, void *data)
{
	say("get");
	for (size_t i = 0; i < count; i++)
		say(" %u", offsets[i]);
	say("; ");
	ok(data == &provider);
	/* The levels of odd lines are 1. */
	for (size_t i = 0; i < count; i++)
		*levels |= (uint64_t)(offsets[i] & 1) << i;
	return provider.get;
}

static int on_set_multiple(const unsigned *offsets, size_t count, uint64_t levels, void *data)
{
	say("set");
	for (size_t i = 0; i < count; i++)
		say(" %u = %d", offsets[i], (int)(levels >> i & 1));
	say("; ");
	ok(data == &provider);
	ok(count == 64 || !(levels >> count));
	return provider.set;
}

static void on_release(void *data)
{
	ok(data == &provider);
	provider.released++;
}

static const struct gpiodref_chip_ops all_ops = {
	.size = sizeof(all_ops),
	.request = on_request,
	.free = on_free,
	.configure = on_configure,
	.get = on_get,
	.set = on_set,
	.get_multiple = on_get_multiple,
	.set_multiple = on_set_multiple,
	.release = on_release,
};
static const struct gpiodref_chip_ops few_ops = {
	.size = sizeof(few_ops), .configure = on_configure, .get = on_get, .set = on_set};

static void provide(const struct gpiodref_chip_ops *ops)
{
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = "board", .names = line_names, .num_lines = 8};

	provider.said[0] = 0;
	provider.request = provider.configure = provider.get = provider.set = provider.released = 0;
	provider.refused_line = -1;
	chip = gpiodref_chip_register(&config, ops, &provider);
	ok(chip);
}

static void withdraw(void)
{
	ok0(gpiodref_chip_remove(chip));
	ok0(gpiodref_chip_drain(chip, latest_ms()));
	gpiodref_chip_put(chip);
	chip = NULL;
}

TEST("G9 a line is asked for, configured, read and set, and freed: the provider sees levels, the consumer values")
{
	plug();
	unplug_and_let_go();
	provide(&all_ops);
	ok_str(gpiodref_chip_label(chip), "board");
	ok_int(gpiodref_chip_num_lines(chip), 8);
	gpiodref_desc *out = request(1, OUTPUT(.value = 1, .flags = ACTIVE_LOW, .drive = GPIODREF_DRIVE_OPEN_DRAIN), "eeprom");
	ok_said("request 1; output 1 = 0 drive 1; ");
	ok_str(gpiodref_desc_name(out), "EEPROM_WP");
	ok0(gpiodref_set_value(out, 0));
	ok_said("set 1 = 1; ");
	ok0(gpiodref_set_raw_value(out, 0));
	ok_said("set 1 = 0; ");
	ok_int(gpiodref_get_value(out), 1);
	ok_said("get 1; ");
	provider.get = 1;
	ok_int(gpiodref_get_value(out), 0);
	ok_int(gpiodref_get_raw_value(out), 1);
	ok_said("get 1; get 1; ");
	ok0(gpiodref_direction_input(out));
	ok_said("input 1; ");
	/* Whether it is an output the library knows by itself. */
	ok_int(gpiodref_set_value(out, 1), -EPERM);
	ok_said("");
	ok0(gpiodref_direction_output(out, 1));
	ok_said("output 1 = 0; ");
	ok0(gpiodref_reconfigure(out, INPUT(.edge = GPIODREF_EDGE_RISING, .flags = ACTIVE_LOW, .bias = GPIODREF_BIAS_PULL_UP)));
	ok_said("input falling 1 bias 2; ");
	gpiodref_put(out);
	ok_said("free 1; ");
	/* As it is: nothing to configure. */
	gpiodref_put(request(1, NULL, "eeprom"));
	ok_said("request 1; free 1; ");
	withdraw();
	ok_said("");
}

TEST("G9 debouncing needs both edges, and is done by the library")
{
	struct gpiodref_event event;

	provide(&few_ops);
	gpiodref_desc *desc = request(3, INPUT(.edge = GPIODREF_EDGE_RISING, .debounce_us = 1000), "button");
	ok_said("input both 3; get 3; ");
	ok0(gpiodref_chip_push_edge(chip, 3, 1, 0));
	ok_int(gpiodref_wait(desc, -1), GPIODREF_WAIT_EVENT);
	ok_int(gpiodref_read_events(desc, &event, 1), 1);
	ok_int(event.type, GPIODREF_EVENT_RISING);
	ok0(gpiodref_reconfigure(desc, INPUT(.edge = GPIODREF_EDGE_BOTH, .debounce_us = 3600 * 1000000u)));
	ok0(gpiodref_chip_push_edge(chip, 3, 0, 0));
	ok0(gpiodref_chip_push_edge(chip, 3, 1, 0));
	ok_int(gpiodref_wait(desc, 20), GPIODREF_WAIT_TIMEOUT);
	/* The level that counts, not the one of the moment. */
	ok_int(gpiodref_get_value(desc), 1);
	gpiodref_put(desc);
	withdraw();
}

TEST("G9 a group is asked for line by line, and read and set at once, in the order of its lines")
{
	uint64_t values = 0;

	provide(&all_ops);
	const struct gpiodref_config *configs[] = {OUTPUT(), OUTPUT(.flags = ACTIVE_LOW), INPUT()};
	gpiodref_group *group = gpiodref_request_group_each(chip, (unsigned[]){5, 2, 3}, 3, configs, "group");
	ok(group);
	ok_said("request 5; output 5 = 0; request 2; output 2 = 1; request 3; input 3; ");
	ok0(gpiodref_group_get_values(group, 7, &values));
	ok_said("get 5 2 3; ");
	ok_int(values, 7);
	ok0(gpiodref_group_get_values(group, 6, &values));
	ok_said("get 2 3; ");
	ok_int(values, 6);
	ok0(gpiodref_group_set_values(group, 3, 3));
	ok_said("set 5 = 1 2 = 0; ");
	/* One line is no group. */
	ok0(gpiodref_group_set_values(group, 2, 0));
	ok_said("set 2 = 1; ");
	provider.get = 1;
	ok0(gpiodref_group_get_values(group, 4, &values));
	ok_said("get 3; ");
	ok_int(values, 4);
	gpiodref_group_put(group);
	ok_said("free 5; free 2; free 3; ");
	withdraw();

	/* Without operations for several, each is asked. */
	provide(&few_ops);
	group = gpiodref_request_group_each(chip, (unsigned[]){5, 2, 3}, 3, configs, "group");
	ok_said("output 5 = 0; output 2 = 1; input 3; ");
	ok0(gpiodref_group_get_values(group, 7, &values));
	ok_int(values, 2);
	ok_said("get 5; get 2; get 3; ");
	ok0(gpiodref_group_set_values(group, 3, 3));
	ok_said("set 5 = 1; set 2 = 0; ");
	gpiodref_group_put(group);
	withdraw();
	ok_said("");
}

TEST("G9 what the provider refuses the consumer hears, and what was not granted is not freed")
{
	provide(&all_ops);
	provider.refused_line = 2;
	provider.request = -ENXIO;
	ok_errno(gpiodref_request(chip, 2, OUTPUT(), "led"), ENXIO);
	ok_contains(gpiodref_last_error(), "(board) line 2 \"LED\" for \"led\": request: No such device or address");
	ok_said("request 2; ");
	ok_errno(gpiodref_request_group(chip, (unsigned[]){1, 2, 3}, 3, OUTPUT(), "group"), ENXIO);
	ok_said("request 1; output 1 = 0; request 2; free 1; ");
	provider.request = 0;
	provider.configure = -EOPNOTSUPP;
	ok_errno(gpiodref_request(chip, 2, OUTPUT(), "led"), EOPNOTSUPP);
	ok_contains(gpiodref_last_error(), "configure: ");
	ok_said("request 2; output 2 = 0; free 2; ");
	ok_holder(1, "");
	ok_holder(2, "");
	/* A hog is refused likewise. */
	ok_int(gpiodref_hog(chip, 2, "hog", 1), -EOPNOTSUPP);
	ok_said("request 2; output 2 = 1; free 2; ");

	/* What is refused later leaves the line as it was. */
	provider.configure = 0;
	gpiodref_desc *desc = request(2, OUTPUT(.flags = ACTIVE_LOW), "led");
	provider.configure = -EOPNOTSUPP;
	ok_int(gpiodref_reconfigure(desc, INPUT()), -EOPNOTSUPP);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\" of \"led\": configure: ");
	ok_int(info_of(chip, 2).direction, GPIODREF_DIRECTION_OUTPUT);
	ok_int(info_of(chip, 2).flags, ACTIVE_LOW);
	provider.said[0] = 0;
	ok0(gpiodref_set_value(desc, 1));
	ok_said("set 2 = 0; ");
	/* Not an errno of ours: the chip is there. */
	provider.set = provider.get = -EIO;
	ok_int(gpiodref_set_value(desc, 1), -EIO);
	ok_contains(gpiodref_last_error(), "line 2 \"LED\" of \"led\": set: Input/output error");
	ok_int(gpiodref_get_value(desc), -EIO);
	ok_contains(gpiodref_last_error(), ": get: Input/output error");
	ok_int(gpiodref_is_alive(desc), 1);
	gpiodref_put(desc);
	withdraw();
}

TEST("G9 what an operation returns that means nothing is EIO")
{
	provide(&few_ops);
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	provider.get = 2;
	ok_int(gpiodref_get_value(desc), -EIO);
	provider.get = INT32_MIN;
	ok_int(gpiodref_get_value(desc), -EIO);
	/* More than 0 is well for those that tell nothing. */
	provider.set = 5;
	ok0(gpiodref_set_value(desc, 1));
	gpiodref_put(desc);
	withdraw();
}

TEST("K2 G1 G9 user data is released once, by the last who holds the chip or a line of it")
{
	provide(&all_ops);
	gpiodref_desc *desc = request(0, OUTPUT(), "test");
	gpiodref_watch *watch = gpiodref_watch_lines(chip, NULL, 0);
	gpiodref_weak *weak = gpiodref_downgrade(desc);
	provider.said[0] = 0;
	withdraw();
	gpiodref_watch_put(watch);
	ok_int(provider.released, 0);
	gpiodref_put(desc);
	/* The chip was gone, so nothing is asked of it. */
	ok_said("");
	ok_int(provider.released, 1);
	gpiodref_weak_put(weak);
	ok_int(provider.released, 1);

	/* The other way round: nobody holds it, and then it is removed. */
	provide(&all_ops);
	gpiodref_chip_put(chip);
	ok_int(provider.released, 0);
	chip = gpiodref_chip_open("board");
	ok0(gpiodref_chip_remove(chip));
	ok_int(provider.released, 0);
	gpiodref_chip_put(chip);
	ok_int(provider.released, 1);
	/* A hog goes with the chip: its line is not freed after the chip has gone. */
	provide(&all_ops);
	ok0(gpiodref_hog(chip, 2, "hog", 1));
	ok_said("request 2; output 2 = 1; ");
	withdraw();
	ok_said("");
	ok_int(provider.released, 1);
}

TEST("the table of operations and the names are copied")
{
	char label[] = "copied", name[] = "LINE";
	const char *names[] = {NULL, name};
	struct gpiodref_chip_config config = {.size = sizeof(config), .label = label, .names = names, .num_lines = 2};
	struct gpiodref_chip_ops ops = all_ops;

	provide(&all_ops);
	withdraw();
	chip = gpiodref_chip_register(&config, &ops, &provider);
	ok(chip);
	memset(&ops, 0, sizeof(ops));
	label[0] = name[0] = 'x';
	names[0] = "later";
	ok_str(gpiodref_chip_label(chip), "copied");
	ok_str(info_of(chip, 0).name, "");
	ok_str(info_of(chip, 1).name, "LINE");
	gpiodref_put(request(1, OUTPUT(), "test"));
	ok_said("request 1; output 1 = 0; free 1; ");
	withdraw();
}

/* --- edges ------------------------------------------------------------------------------------------------------------- */

TEST("G9 an edge that the provider tells comes to whoever wants it, with the provider's time, and to nobody else")
{
	struct gpiodref_event event;

	provide(&few_ops);
	gpiodref_desc *rising = request(0, INPUT(.edge = GPIODREF_EDGE_RISING), "rising");
	gpiodref_desc *low = request(1, INPUT(.edge = GPIODREF_EDGE_RISING, .flags = ACTIVE_LOW), "low");
	gpiodref_desc *plain = request(2, INPUT(), "plain"), *out = request(3, OUTPUT(), "out");
	for (unsigned offset = 0; offset < 8; offset++)
		for (int level = 1; level >= 0; level--)
			ok0(gpiodref_chip_push_edge(chip, offset, level, 1000 + 10 * offset + level));
	ok_int(gpiodref_read_events(rising, &event, 1), 1);
	ok_int(event.type, GPIODREF_EVENT_RISING);
	ok_int(event.timestamp_ns, 1001);
	ok_int(gpiodref_read_events(rising, &event, 1), 0);
	ok_int(gpiodref_read_events(low, &event, 1), 1);
	ok_int(event.type, GPIODREF_EVENT_RISING);
	ok_int(event.timestamp_ns, 1010);
	ok_int(gpiodref_read_events(low, &event, 1), 0);
	ok_int(gpiodref_read_events(plain, &event, 1), 0);
	ok_int(gpiodref_read_events(out, &event, 1), 0);
	ok_int(gpiodref_chip_push_edge(chip, 8, 1, 0), -EINVAL);
	ok0(gpiodref_chip_remove(chip));
	ok_int(gpiodref_chip_push_edge(chip, 0, 1, 0), -ENODEV);
	ok_contains(gpiodref_last_error(), "(board) line 0 \"RESET\": push_edge: the chip is gone");
	gpiodref_put(rising);
	gpiodref_put(low);
	gpiodref_put(plain);
	gpiodref_put(out);
	withdraw();
}

/* --- operations that call the library ------------------------------------------------------------------------------------ */

static struct {
	gpiodref_desc *other;
	atomic_int inside, let_go;
} nested;

/* An expander whose interrupt line tells that something has been written. */
static int set_and_tell(unsigned offset, int level, void *unused)
{
	struct gpiodref_line_info info = {.size = sizeof(info)};

	(void)unused;
	if (gpiodref_line_info(chip, offset, &info) || strcmp(info.consumer, "writer"))
		return -EPROTO;
	if (gpiodref_get_value(nested.other) != 0)
		return -EPROTO;
	return gpiodref_chip_push_edge(chip, 3, level, 0);
}

TEST("K5 G9 an operation may call the library: ask its chip, use a line, tell an edge, request another line")
{
	struct gpiodref_chip_ops ops = few_ops;
	struct gpiodref_event event;

	ops.set = set_and_tell;
	provide(&ops);
	gpiodref_desc *irq = request(3, EDGES(), "irq"), *out = request(0, OUTPUT(), "writer");
	nested.other = request(1, INPUT(), "other");
	ok0(gpiodref_set_value(out, 1));
	ok_int(gpiodref_read_events(irq, &event, 1), 1);
	ok_int(event.type, GPIODREF_EVENT_RISING);
	gpiodref_put(irq);
	gpiodref_put(out);
	gpiodref_put(nested.other);
	withdraw();
}

static int set_slowly(unsigned offset, int level, void *unused)
{
	(void)level, (void)unused;
	if (offset)
		return 0;
	atomic_fetch_add(&nested.inside, 1);
	while (!atomic_load(&nested.let_go))
		sleep_ms(1);
	atomic_fetch_sub(&nested.inside, 1);
	return 0;
}

static int set_one(void *desc)
{
	return gpiodref_set_value(desc, 1);
}

TEST("G10 G9 an operation that takes its time keeps neither another line waiting nor another thread on the same")
{
	struct gpiodref_chip_ops ops = few_ops;
	struct call calls[2];

	ops.set = set_slowly;
	atomic_store(&nested.let_go, 0);
	provide(&ops);
	gpiodref_desc *slow = request(0, OUTPUT(), "slow"), *quick = request(1, OUTPUT(), "quick");
	for (int i = 0; i < 2; i++)
		call_start(&calls[i], set_one, slow);
	/* Both are inside at once. */
	while (atomic_load(&nested.inside) < 2)
		sleep_ms(1);
	ok0(gpiodref_set_value(quick, 1));
	ok_int(gpiodref_get_value(slow), 0);
	ok_int(gpiodref_get_value(quick), 0);
	gpiodref_put(request(5, OUTPUT(), "third"));
	ok0(gpiodref_chip_push_edge(chip, 0, 1, 0));
	ok_holder(0, "slow");
	ok_int(atomic_load(&nested.inside), 2);
	uint64_t since = milliseconds();
	atomic_store(&nested.let_go, 1);
	for (int i = 0; i < 2; i++)
		ok0(call_end(&calls[i], since));
	gpiodref_put(slow);
	gpiodref_put(quick);
	withdraw();
}

/* --- a program that is older than the library ----------------------------------------------------------------------------- */

TEST("a struct of a newer program is taken as far as the library knows it")
{
	struct {
		struct gpiodref_chip_ops ops;
		void (*newer)(void);
	} ops = {.ops = few_ops};
	struct {
		struct gpiodref_chip_config config;
		uint64_t newer;
	} config = {.config = {.size = sizeof(config), .label = "board", .num_lines = 2}};

	provide(&few_ops);
	withdraw();
	ops.ops.size = sizeof(ops);
	chip = gpiodref_chip_register(&config.config, &ops.ops, &provider);
	ok(chip);
	gpiodref_put(request(1, OUTPUT(), "test"));
	withdraw();
	ops.ops.release = on_release;
	ops.newer = (void (*)(void))on_free;
	ok_errno(gpiodref_chip_register(&config.config, &ops.ops, &provider), E2BIG);
	ops.newer = NULL;
	config.newer = 1;
	ok_errno(gpiodref_chip_register(&config.config, &ops.ops, &provider), E2BIG);
	ok_int(provider.released, 1);
}

enum { THREADS = 4, ROUNDS = 200 };
static atomic_int levels[8], claims[8];

static int claim_line(unsigned offset, void *unused)
{
	(void)unused;
	return atomic_fetch_add(&claims[offset], 1) ? -EPROTO : 0;
}

static void free_line(unsigned offset, void *unused)
{
	(void)unused;
	atomic_fetch_sub(&claims[offset], 1);
}

static int keep_level(unsigned offset, int level, void *unused)
{
	(void)unused;
	atomic_store(&levels[offset], level);
	return atomic_load(&claims[offset]) == 1 ? 0 : -EPROTO;
}

static int tell_level(unsigned offset, void *unused)
{
	(void)unused;
	return atomic_load(&levels[offset]);
}

static int use_lines(void *data)
{
	unsigned own = (long)data;

	for (int round = 0; round < ROUNDS; round++) {
		/* One that it has alone, and one that all want. */
		gpiodref_desc *desc = gpiodref_request(chip, own, OUTPUT(), "own"), *wanted = gpiodref_request(chip, 7, OUTPUT(), "all");

		if (!desc || (!wanted && errno != EBUSY))
			return -errno;
		if (gpiodref_set_value(desc, round & 1) || gpiodref_get_value(desc) != (round & 1))
			return -1;
		if (wanted && gpiodref_set_value(wanted, 1))
			return -2;
		gpiodref_put(desc);
		gpiodref_put(wanted);
	}
	return 0;
}

TEST("G10 G9 under many threads a line is claimed by one at a time, and freed as often as it was granted")
{
	static const struct gpiodref_chip_ops ops = {.size = sizeof(ops),
						     .request = claim_line,
						     .free = free_line,
						     .configure = on_configure,
						     .get = tell_level,
						     .set = keep_level};
	struct call calls[THREADS];

	provide(&ops);
	for (long i = 0; i < THREADS; i++)
		call_start(&calls[i], use_lines, (void *)i);
	for (int i = 0; i < THREADS; i++)
		ok0(call_end(&calls[i], UINT64_MAX));
	for (int i = 0; i < 8; i++)
		ok_int(atomic_load(&claims[i]), 0);
	withdraw();
}
