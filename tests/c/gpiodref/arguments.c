/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * K3 at every door: whatever is NULL where something is needed, or is no text, no number, no flag, is refused by its name.
 * One test for each function, and a last one that no function is without.
 */
#include "fixtures.h"
#include "arguments.h"

static gpiodref_desc *desc;
static gpiodref_group *group;
static gpiodref_watch *watch;

__attribute__((constructor)) static void set_up(void)
{
	plug_in("arguments");
	desc = request(0, EDGES(), "arguments");
	group = gpiodref_request_group(chip, (unsigned[]){4, 5}, 2, OUTPUT(), "arguments");
	watch = gpiodref_watch_lines(chip, NULL, 0);
	ok(group && watch);
}

/* Configurations of which each has one thing that none may have, and what is said of it. */
static const struct {
	struct gpiodref_config config;
	int error;
	const char *sentence;
} nonsense[] = {
#define ONE(sentence, error, ...) {{.size = sizeof(struct gpiodref_config), __VA_ARGS__}, error, sentence}
	{{.size = 0}, EINVAL, "->size is 0, the first version had "},
	{{.size = sizeof(struct gpiodref_config) - 1}, EINVAL, "->size is "},
	{{.size = -1}, E2BIG, "->size is 18446744073709551615"},
	{{.size = 4097}, E2BIG, "->size is 4097"},
	ONE("direction is 3, which none is", EINVAL, .direction = 3),
	ONE("direction is 4294967295, which none is", EINVAL, .direction = -1),
	ONE("edge is 4, which none is", EINVAL, .direction = 1, .edge = 4),
	ONE("bias is 4, which none is", EINVAL, .direction = 1, .bias = 4),
	ONE("drive is 3, which none is", EINVAL, .direction = 2, .drive = 3),
	ONE("clock is 3, which none is", EINVAL, .direction = 1, .clock = 3),
	ONE("unknown flags 0x4", EINVAL, .direction = 1, .flags = 4),
	ONE("unknown flags 0x80000000", EINVAL, .direction = 1, .flags = 1u << 31),
	ONE("value is 2, and only 0 and 1 are values", EINVAL, .direction = 2, .value = 2),
	ONE("value is -1, and only 0 and 1 are values", EINVAL, .direction = 2, .value = -1),
	ONE("event_buffer is 1025, and 1024 is the most", EINVAL, .direction = 1, .event_buffer = 1025),
	ONE("event_buffer is 4294967295, and 1024 is the most", EINVAL, .direction = 1, .event_buffer = -1),
};
enum { NONSENSE = sizeof(nonsense) / sizeof(*nonsense) };

/* The configuration that stands as `config` in this call is refused if it is nonsense. */
#define config_pointer(call)                                                               \
	for (int i = 0; i < NONSENSE; i++) {                                               \
		const struct gpiodref_config *config = &nonsense[i].config;                \
		ok_errno(call, nonsense[i].error);                                         \
		ok_contains(gpiodref_last_error(), nonsense[i].sentence);                  \
	}
#define config_int(call)                                                                   \
	for (int i = 0; i < NONSENSE; i++) {                                               \
		const struct gpiodref_config *config = &nonsense[i].config;                \
		ok_int(call, -nonsense[i].error);                                          \
		ok_contains(gpiodref_last_error(), nonsense[i].sentence);                  \
	}

#define value_int(call)                                                                    \
	for (int value = -1; value <= 2; value += 3) {                                     \
		ok_int(call, -EINVAL);                                                     \
		ok_contains(gpiodref_last_error(), value < 0 ? "value is -1, and only" : "value is 2, and only"); \
	}

/* 32 bytes, and one more than a name may have. */
#define LONG "0123456789abcdef0123456789abcdef"

TEST("K3 gpiodref_version")
{
	ok_contains(gpiodref_version(), ".");
}

TEST("K3 gpiodref_last_error")
{
	ok(gpiodref_last_error());
	null_int(gpiodref_get_value(NULL), "desc");
	/* What succeeds leaves it alone. */
	ok_int(gpiodref_get_value(desc), 0);
	ok_str(gpiodref_last_error(), "desc is NULL");
}

TEST("K3 gpiodref_free")
{
	gpiodref_free(NULL);
}

TEST("K3 gpiodref_set_log_callback")
{
	ok0(gpiodref_set_log_callback(NULL, NULL, NULL));
}

TEST("K3 gpiodref_set_tracking")
{
	for (uint32_t level = 3; level; level <<= 1)
		ok_int(gpiodref_set_tracking(level), -EINVAL);
	ok_contains(gpiodref_last_error(), "level is ");
}

TEST("K3 gpiodref_set_tag")
{
	ok0(gpiodref_set_tag(NULL));
	ok_int(gpiodref_set_tag("\xff"), -EINVAL);
	ok_contains(gpiodref_last_error(), "tag is not UTF-8");
}

TEST("K3 gpiodref_holders")
{
	null_int(gpiodref_holders(NULL), "report");
}

TEST("K3 gpiodref_chip_open")
{
	text_pointer(gpiodref_chip_open(text), "path_name_or_label");
	ok_errno(gpiodref_chip_open(""), ENOENT);
	ok_errno(gpiodref_chip_open("gpiochip4294967296"), ENOENT);
	ok_errno(gpiodref_chip_open("gpiochip-1"), ENOENT);
}

TEST("K3 gpiodref_chip_get")
{
	ok(!gpiodref_chip_get(NULL));
}

TEST("K3 gpiodref_chip_put")
{
	gpiodref_chip_put(NULL);
}

TEST("K3 gpiodref_chip_next")
{
	char name[32];

	null_int(gpiodref_chip_next(NULL, NULL, 32), "name");
	ok_int(gpiodref_chip_next("\xff", name, sizeof(name)), -EINVAL);
	ok_contains(gpiodref_last_error(), "prev is not UTF-8");
	ok_int(gpiodref_chip_next(NULL, name, 2), -ERANGE);
	ok_contains(gpiodref_last_error(), "name has 2 bytes, ");
	ok_int(gpiodref_chip_next(NULL, name, -1), -EINVAL);
	ok_contains(gpiodref_last_error(), "name cannot have 18446744073709551615 elements");
	/* A name that never was has its place in the list too. */
	ok_int(gpiodref_chip_next("zzz", name, sizeof(name)), 0);
	ok(gpiodref_chip_next("", name, sizeof(name)) > 0);
}

TEST("K3 gpiodref_chip_name")
{
	null_pointer(gpiodref_chip_name(NULL), "chip");
}

TEST("K3 gpiodref_chip_label")
{
	null_pointer(gpiodref_chip_label(NULL), "chip");
}

TEST("K3 gpiodref_chip_num_lines")
{
	null_number(gpiodref_chip_num_lines(NULL), "chip");
}

TEST("K3 gpiodref_chip_is_alive")
{
	null_int(gpiodref_chip_is_alive(NULL), "chip");
}

TEST("K3 gpiodref_chip_fd")
{
	null_int(gpiodref_chip_fd(NULL), "chip");
}

TEST("K3 gpiodref_line_info")
{
	struct gpiodref_line_info info = {.size = sizeof(info)};

	null_int(gpiodref_line_info(NULL, 0, &info), "chip");
	null_int(gpiodref_line_info(chip, 0, NULL), "info");
	ok_int(gpiodref_line_info(chip, 8, &info), -EINVAL);
	ok_contains(gpiodref_last_error(), "(arguments): it has 8 lines, and no line 8");
	ok_int(gpiodref_line_info(chip, -1, &info), -EINVAL);
	for (size_t size = 0; size < sizeof(info); size++) {
		info.size = size;
		ok_int(gpiodref_line_info(chip, 0, &info), -EINVAL);
		ok_contains(gpiodref_last_error(), "info->size is ");
	}
	info.size = -1;
	ok_int(gpiodref_line_info(chip, 0, &info), -E2BIG);
}

TEST("K3 gpiodref_find_line")
{
	gpiodref_chip *found;
	unsigned offset;

	text_int(gpiodref_find_line(text, &found, &offset), "name");
	null_int(gpiodref_find_line("LED", NULL, &offset), "chip");
	null_int(gpiodref_find_line("LED", &found, NULL), "offset");
	ok_int(gpiodref_find_line("", &found, &offset), -ENOENT);
}

TEST("K3 gpiodref_chip_find_line")
{
	unsigned offset;

	null_int(gpiodref_chip_find_line(NULL, "LED", &offset), "chip");
	text_int(gpiodref_chip_find_line(chip, text, &offset), "name_or_number");
	null_int(gpiodref_chip_find_line(chip, "LED", NULL), "offset");
	ok_int(gpiodref_chip_find_line(chip, "", &offset), -ENOENT);
	ok_int(gpiodref_chip_find_line(chip, "8", &offset), -EINVAL);
	ok_int(gpiodref_chip_find_line(chip, "-1", &offset), -ENOENT);
	ok_int(gpiodref_chip_find_line(chip, "4294967296", &offset), -ENOENT);
}

TEST("K3 gpiodref_hog")
{
	null_int(gpiodref_hog(NULL, 7, "hog", 0), "chip");
	text_int(gpiodref_hog(chip, 7, text, 0), "name");
	value_int(gpiodref_hog(chip, 7, "hog", value));
	ok_int(gpiodref_hog(chip, 8, "hog", 0), -EINVAL);
	ok_int(gpiodref_hog(chip, 7, LONG, 0), -EINVAL);
	ok_contains(gpiodref_last_error(), "is longer than 31 bytes");
	ok_holder(7, "");
}

TEST("K3 gpiodref_request")
{
	null_pointer(gpiodref_request(NULL, 1, NULL, "test"), "chip");
	bytes_pointer(gpiodref_request(chip, 1, NULL, text), "consumer");
	config_pointer(gpiodref_request(chip, 1, config, "test"));
	ok_errno(gpiodref_request(chip, 8, NULL, "test"), EINVAL);
	ok_contains(gpiodref_last_error(), "it has 8 lines, and no line 8");
	ok_errno(gpiodref_request(chip, -1, NULL, "test"), EINVAL);
	ok_errno(gpiodref_request(chip, -1, CONFIG(.flags = SHARED), "test"), EINVAL);
	ok_errno(gpiodref_request(chip, 1, NULL, LONG), EINVAL);
	ok_contains(gpiodref_last_error(), "is longer than 31 bytes");
	ok_holder(1, "");
}

TEST("K3 gpiodref_request_by_name")
{
	text_pointer(gpiodref_request_by_name(text, NULL, "test"), "line");
	bytes_pointer(gpiodref_request_by_name("LED", NULL, text), "consumer");
	config_pointer(gpiodref_request_by_name("LED", config, "test"));
	ok_errno(gpiodref_request_by_name("", NULL, "test"), ENOENT);
	ok_errno(gpiodref_request_by_name("LED", NULL, LONG), EINVAL);
	ok_holder(2, "");
}

/* What cannot be taken over stays the caller's. */
#define adopt_pointer(adopt)                                                               \
	do {                                                                               \
		int fds[2];                                                                \
		ok0(pipe(fds));                                                            \
		ok_errno(adopt(fds[0]), EINVAL);                                           \
		ok_contains(gpiodref_last_error(), " is not one of requested GPIO lines"); \
		ok_int(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);                            \
		ok0(close(fds[0]));                                                        \
		ok_errno(adopt(fds[0]), EBADF);                                            \
		ok0(close(fds[1]));                                                        \
		ok_errno(adopt(-1), EBADF);                                                \
		ok_errno(adopt(0x7fffffff), EBADF);                                        \
	} while (0)

TEST("K3 gpiodref_adopt")
{
	adopt_pointer(gpiodref_adopt);
}

TEST("K3 gpiodref_reattach")
{
	null_pointer(gpiodref_reattach(NULL), "desc");
	ok_errno(gpiodref_reattach(desc), EINVAL);
	ok_contains(gpiodref_last_error(), "it is not gone");
}

TEST("K3 gpiodref_get")
{
	ok(!gpiodref_get(NULL));
}

TEST("K3 gpiodref_put")
{
	gpiodref_put(NULL);
}

TEST("K3 gpiodref_downgrade")
{
	null_pointer(gpiodref_downgrade(NULL), "desc");
}

TEST("K3 gpiodref_upgrade")
{
	null_pointer(gpiodref_upgrade(NULL), "weak");
}

TEST("K3 gpiodref_weak_put")
{
	gpiodref_weak_put(NULL);
}

TEST("K3 gpiodref_get_value")
{
	null_int(gpiodref_get_value(NULL), "desc");
}

TEST("K3 gpiodref_set_value")
{
	null_int(gpiodref_set_value(NULL, 1), "desc");
	value_int(gpiodref_set_value(desc, value));
}

TEST("K3 gpiodref_get_raw_value")
{
	null_int(gpiodref_get_raw_value(NULL), "desc");
}

TEST("K3 gpiodref_set_raw_value")
{
	null_int(gpiodref_set_raw_value(NULL, 1), "desc");
	value_int(gpiodref_set_raw_value(desc, value));
}

TEST("K3 gpiodref_vote")
{
	null_int(gpiodref_vote(NULL, 1), "desc");
	value_int(gpiodref_vote(desc, value));
	ok_int(gpiodref_vote(desc, 1), -EINVAL);
	ok_contains(gpiodref_last_error(), "a vote on a line that is not shared");
}

TEST("K3 gpiodref_direction_input")
{
	null_int(gpiodref_direction_input(NULL), "desc");
}

TEST("K3 gpiodref_direction_output")
{
	null_int(gpiodref_direction_output(NULL, 1), "desc");
	value_int(gpiodref_direction_output(desc, value));
}

TEST("K3 gpiodref_reconfigure")
{
	null_int(gpiodref_reconfigure(NULL, INPUT()), "desc");
	config_int(gpiodref_reconfigure(desc, config));
	/* Nothing of all this has changed it. */
	ok_int(info_of(chip, 0).edge, GPIODREF_EDGE_BOTH);
}

TEST("K3 gpiodref_desc_name")
{
	null_pointer(gpiodref_desc_name(NULL), "desc");
}

TEST("K3 gpiodref_desc_consumer")
{
	null_pointer(gpiodref_desc_consumer(NULL), "desc");
}

TEST("K3 gpiodref_desc_offset")
{
	null_number(gpiodref_desc_offset(NULL), "desc");
}

TEST("K3 gpiodref_desc_config")
{
	struct gpiodref_config config = {.size = sizeof(config)};

	null_int(gpiodref_desc_config(NULL, &config), "desc");
	null_int(gpiodref_desc_config(desc, NULL), "config");
	config.size = 0;
	ok_int(gpiodref_desc_config(desc, &config), -EINVAL);
	config.size = -1;
	ok_int(gpiodref_desc_config(desc, &config), -E2BIG);
}

TEST("K3 gpiodref_desc_chip")
{
	null_pointer(gpiodref_desc_chip(NULL), "desc");
}

TEST("K3 gpiodref_is_alive")
{
	null_int(gpiodref_is_alive(NULL), "desc");
}

TEST("K3 gpiodref_wait")
{
	null_int(gpiodref_wait(NULL, 0), "desc");
}

TEST("K3 gpiodref_read_events")
{
	struct gpiodref_event events[2];

	null_int(gpiodref_read_events(NULL, events, 2), "desc");
	null_int(gpiodref_read_events(desc, NULL, 2), "events");
	null_int(gpiodref_read_events(desc, NULL, 0), "events");
	ok_int(gpiodref_read_events(desc, events, 0), 0);
	ok_int(gpiodref_read_events(desc, events, -1), -EINVAL);
	ok_contains(gpiodref_last_error(), "events cannot have 18446744073709551615 elements");
	ok_int(gpiodref_read_events(desc, (struct gpiodref_event *)((char *)events + 1), 1), -EINVAL);
	ok_contains(gpiodref_last_error(), "events is not aligned");
}

TEST("K3 gpiodref_events_lost")
{
	null_number(gpiodref_events_lost(NULL), "desc");
}

TEST("K3 gpiodref_fd")
{
	null_int(gpiodref_fd(NULL), "desc");
}

TEST("K3 gpiodref_export_fd")
{
	null_int(gpiodref_export_fd(NULL), "desc");
	ok_int(gpiodref_export_fd(desc), -EOPNOTSUPP);
}

TEST("K3 gpiodref_request_group")
{
	unsigned offsets[65] = {1, 2};

	null_pointer(gpiodref_request_group(NULL, offsets, 2, NULL, "test"), "chip");
	null_pointer(gpiodref_request_group(chip, NULL, 2, NULL, "test"), "offsets");
	config_pointer(gpiodref_request_group(chip, offsets, 2, config, "test"));
	bytes_pointer(gpiodref_request_group(chip, offsets, 2, NULL, text), "consumer");
	ok_errno(gpiodref_request_group(chip, offsets, 2, NULL, LONG), EINVAL);
	ok_errno(gpiodref_request_group(chip, offsets, 0, NULL, "test"), EINVAL);
	ok_contains(gpiodref_last_error(), "a request of no line");
	ok_errno(gpiodref_request_group(chip, NULL, 0, NULL, "test"), EINVAL);
	ok_errno(gpiodref_request_group(chip, offsets, 65, NULL, "test"), E2BIG);
	ok_errno(gpiodref_request_group(chip, offsets, -1, NULL, "test"), EINVAL);
	ok_contains(gpiodref_last_error(), "offsets cannot have 18446744073709551615 elements");
	ok_errno(gpiodref_request_group(chip, (unsigned *)((char *)offsets + 1), 1, NULL, "test"), EINVAL);
	ok_contains(gpiodref_last_error(), "offsets is not aligned");
	offsets[1] = 8;
	ok_errno(gpiodref_request_group(chip, offsets, 2, NULL, "test"), EINVAL);
	ok_holder(1, "");
}

TEST("K3 gpiodref_request_group_each")
{
	unsigned offsets[65] = {1, 2};
	const struct gpiodref_config *configs[65] = {NULL};

	null_pointer(gpiodref_request_group_each(NULL, offsets, 2, configs, "test"), "chip");
	null_pointer(gpiodref_request_group_each(chip, NULL, 2, configs, "test"), "offsets");
	null_pointer(gpiodref_request_group_each(chip, offsets, 2, NULL, "test"), "configs");
	config_pointer((configs[1] = config, gpiodref_request_group_each(chip, offsets, 2, configs, "test")));
	configs[1] = NULL;
	bytes_pointer(gpiodref_request_group_each(chip, offsets, 2, configs, text), "consumer");
	ok_errno(gpiodref_request_group_each(chip, offsets, 0, configs, "test"), EINVAL);
	ok_errno(gpiodref_request_group_each(chip, offsets, 65, configs, "test"), E2BIG);
	ok_errno(gpiodref_request_group_each(chip, offsets, -1, configs, "test"), EINVAL);
	ok_holder(1, "");
}

TEST("K3 gpiodref_group_adopt")
{
	adopt_pointer(gpiodref_group_adopt);
}

TEST("K3 gpiodref_group_reattach")
{
	null_pointer(gpiodref_group_reattach(NULL), "group");
	ok_errno(gpiodref_group_reattach(group), EINVAL);
}

TEST("K3 gpiodref_group_get")
{
	ok(!gpiodref_group_get(NULL));
}

TEST("K3 gpiodref_group_put")
{
	gpiodref_group_put(NULL);
}

TEST("K3 gpiodref_group_get_values")
{
	uint64_t values;

	null_int(gpiodref_group_get_values(NULL, 1, &values), "group");
	null_int(gpiodref_group_get_values(group, 1, NULL), "values");
	ok_int(gpiodref_group_get_values(group, 0, &values), -EINVAL);
	ok_contains(gpiodref_last_error(), "the mask is 0x0, and 2 lines are 0x3");
	ok_int(gpiodref_group_get_values(group, 4, &values), -EINVAL);
	ok_int(gpiodref_group_get_values(group, -1, &values), -EINVAL);
}

TEST("K3 gpiodref_group_set_values")
{
	null_int(gpiodref_group_set_values(NULL, 1, 1), "group");
	ok_int(gpiodref_group_set_values(group, 0, 0), -EINVAL);
	ok_int(gpiodref_group_set_values(group, 5, 1), -EINVAL);
	/* Values beyond the mask are nobody's. */
	ok0(gpiodref_group_set_values(group, 1, -2));
}

TEST("K3 gpiodref_group_reconfigure")
{
	null_int(gpiodref_group_reconfigure(NULL, OUTPUT()), "group");
	config_int(gpiodref_group_reconfigure(group, config));
}

TEST("K3 gpiodref_group_reconfigure_each")
{
	const struct gpiodref_config *configs[3] = {OUTPUT(), OUTPUT(), OUTPUT()};

	null_int(gpiodref_group_reconfigure_each(NULL, configs, 2), "group");
	null_int(gpiodref_group_reconfigure_each(group, NULL, 2), "configs");
	ok_int(gpiodref_group_reconfigure_each(group, configs, 1), -EINVAL);
	ok_contains(gpiodref_last_error(), "count is 1, and the group has 2");
	ok_int(gpiodref_group_reconfigure_each(group, configs, 3), -EINVAL);
	ok_int(gpiodref_group_reconfigure_each(group, configs, 0), -EINVAL);
	ok_int(gpiodref_group_reconfigure_each(group, configs, -1), -EINVAL);
	config_int((configs[1] = config, gpiodref_group_reconfigure_each(group, configs, 2)));
}

TEST("K3 gpiodref_group_num_lines")
{
	null_number(gpiodref_group_num_lines(NULL), "group");
}

TEST("K3 gpiodref_group_offset")
{
	null_number(gpiodref_group_offset(NULL, 0), "group");
	errno = 0;
	ok_int(gpiodref_group_offset(group, 2), 0);
	ok_int(errno, EINVAL);
	ok_int(gpiodref_group_offset(group, -1), 0);
	ok_str(gpiodref_last_error(), "the group has no line 4294967295");
}

TEST("K3 gpiodref_group_chip")
{
	null_pointer(gpiodref_group_chip(NULL), "group");
}

TEST("K3 gpiodref_group_is_alive")
{
	null_int(gpiodref_group_is_alive(NULL), "group");
}

TEST("K3 gpiodref_group_wait")
{
	null_int(gpiodref_group_wait(NULL, 0), "group");
}

TEST("K3 gpiodref_group_read_events")
{
	struct gpiodref_event event;

	null_int(gpiodref_group_read_events(NULL, &event, 1), "group");
	null_int(gpiodref_group_read_events(group, NULL, 1), "events");
}

TEST("K3 gpiodref_group_events_lost")
{
	null_number(gpiodref_group_events_lost(NULL), "group");
}

TEST("K3 gpiodref_group_fd")
{
	null_int(gpiodref_group_fd(NULL), "group");
}

TEST("K3 gpiodref_group_export_fd")
{
	null_int(gpiodref_group_export_fd(NULL), "group");
	ok_int(gpiodref_group_export_fd(group), -EOPNOTSUPP);
}

TEST("K3 gpiodref_table_add")
{
	text_int(gpiodref_table_add(text, "wp", 0, "arguments", "LED", 0), "device");
	text_int(gpiodref_table_add("eeprom", text, 0, "arguments", "LED", 0), "function");
	text_int(gpiodref_table_add("eeprom", "wp", 0, text, "LED", 0), "chip_label");
	text_int(gpiodref_table_add("eeprom", "wp", 0, "arguments", text, 0), "line_or_number");
	for (uint32_t flag = 4; flag; flag <<= 1) {
		ok_int(gpiodref_table_add("eeprom", "wp", 0, "arguments", "LED", flag), -EINVAL);
		ok_contains(gpiodref_last_error(), "unknown flags 0x");
	}
	ok_int(gpiodref_table_remove("eeprom", "wp", 0), -ENOENT);
}

TEST("K3 gpiodref_table_remove")
{
	text_int(gpiodref_table_remove(text, "wp", 0), "device");
	text_int(gpiodref_table_remove("eeprom", text, 0), "function");
	ok_int(gpiodref_table_remove("eeprom", "wp", -1), -ENOENT);
}

TEST("K3 gpiodref_lookup")
{
	text_pointer(gpiodref_lookup(text, "wp", 0, NULL), "device");
	text_pointer(gpiodref_lookup("eeprom", text, 0, NULL), "function");
	ok0(gpiodref_table_add("eeprom", "wp", 0, "arguments", "EEPROM_WP", 0));
	config_pointer(gpiodref_lookup("eeprom", "wp", 0, config));
	ok0(gpiodref_table_remove("eeprom", "wp", 0));
}

TEST("K3 gpiodref_lookup_optional")
{
	text_pointer(gpiodref_lookup_optional(text, "wp", 0, NULL), "device");
	text_pointer(gpiodref_lookup_optional("eeprom", text, 0, NULL), "function");
	ok0(gpiodref_table_add("eeprom", "wp", 0, "arguments", "EEPROM_WP", 0));
	config_pointer(gpiodref_lookup_optional("eeprom", "wp", 0, config));
	ok0(gpiodref_table_remove("eeprom", "wp", 0));
}

static int no_configure(unsigned offset, const struct gpiodref_config *config, void *user_data)
{
	(void)offset, (void)config, (void)user_data;
	return -EIO;
}

static int no_get(unsigned offset, void *user_data)
{
	(void)offset, (void)user_data;
	return -EIO;
}

static int no_set(unsigned offset, int level, void *user_data)
{
	(void)offset, (void)level, (void)user_data;
	return -EIO;
}

static int released;

static void count_release(void *user_data)
{
	released += user_data == &released;
}

static const struct gpiodref_chip_config a_chip = {.size = sizeof(a_chip), .label = "a chip", .num_lines = 2};
static const struct gpiodref_chip_ops some_ops = {
	.size = sizeof(some_ops), .configure = no_configure, .get = no_get, .set = no_set, .release = count_release};

/* Chips that cannot be, and what is said of them. */
static const char *const bytes[2] = {"one", "\xff"};
static const struct {
	struct gpiodref_chip_config config;
	int error;
	const char *sentence;
} no_chips[] = {
#define CHIP(sentence, ...) {{.size = sizeof(struct gpiodref_chip_config), __VA_ARGS__}, EINVAL, sentence}
	{{.size = 0, .label = "no", .num_lines = 1}, EINVAL, "config->size is 0"},
	{{.size = 4097, .label = "no", .num_lines = 1}, E2BIG, "config->size is 4097"},
	CHIP("config->label is NULL", .num_lines = 1),
	CHIP("config->label is not UTF-8", .label = "\xff", .num_lines = 1),
	CHIP("\"no\": a chip has 1 to 65535 lines, and not 0", .label = "no"),
	CHIP("\"no\": a chip has 1 to 65535 lines, and not 65536", .label = "no", .num_lines = 65536, .names = bytes),
	CHIP("\"no\": a chip has 1 to 65535 lines, and not 4294967295", .label = "no", .num_lines = -1, .names = bytes),
	CHIP("config->remove_policy is 3, which none is", .label = "no", .num_lines = 1, .remove_policy = 3),
	CHIP("a name of a line is not UTF-8", .label = "no", .num_lines = 2, .names = bytes),
	CHIP("config->names is not aligned", .label = "no", .num_lines = 1,
	     .names = (const char *const *)((const char *)bytes + 1)),
};
enum { NO_CHIPS = sizeof(no_chips) / sizeof(*no_chips) };

TEST("K3 K2 gpiodref_chip_register: what is refused is released")
{
	struct gpiodref_chip_ops ops;

	released = 0;
	/* Where there is no table there is nothing to release with. */
	null_pointer(gpiodref_chip_register(&a_chip, NULL, &released), "ops");
	ops = some_ops;
	for (ops.size = 0; ops.size < sizeof(ops); ops.size++)
		ok_errno(gpiodref_chip_register(&a_chip, &ops, &released), EINVAL);
	ops.size = 4097;
	ok_errno(gpiodref_chip_register(&a_chip, &ops, &released), E2BIG);
	ok_int(released, 0);

	null_pointer(gpiodref_chip_register(NULL, &some_ops, &released), "config");
	ok_int(released, 1);
	for (int i = 0; i < NO_CHIPS; i++) {
		ok_errno(gpiodref_chip_register(&no_chips[i].config, &some_ops, &released), no_chips[i].error);
		ok_contains(gpiodref_last_error(), no_chips[i].sentence);
		ok_int(released, i + 2);
	}
	released = 0;
	ops = some_ops;
	ops.configure = NULL;
	null_pointer(gpiodref_chip_register(&a_chip, &ops, &released), "ops->configure");
	ops = some_ops;
	ops.get = NULL;
	null_pointer(gpiodref_chip_register(&a_chip, &ops, &released), "ops->get");
	ops = some_ops;
	ops.set = NULL;
	null_pointer(gpiodref_chip_register(&a_chip, &ops, &released), "ops->set");
	ok_int(released, 3);
	ok_errno(gpiodref_chip_open("a chip"), ENOENT);
}

TEST("K3 gpiodref_chip_remove")
{
	null_int(gpiodref_chip_remove(NULL), "chip");
}

TEST("K3 gpiodref_chip_drain")
{
	null_int(gpiodref_chip_drain(NULL, 0), "chip");
}

TEST("K3 gpiodref_chip_push_edge")
{
	null_int(gpiodref_chip_push_edge(NULL, 0, 0, 0), "chip");
	ok_int(gpiodref_chip_push_edge(chip, 8, 0, 0), -EINVAL);
	ok_int(gpiodref_chip_push_edge(chip, -1, 0, 0), -EINVAL);
	value_int(gpiodref_chip_push_edge(chip, 0, value, 0));
}

TEST("K3 gpiodref_sim_new")
{
	null_pointer(gpiodref_sim_new(NULL), "config");
	for (int i = 0; i < NO_CHIPS; i++) {
		ok_errno(gpiodref_sim_new(&no_chips[i].config), no_chips[i].error);
		ok_contains(gpiodref_last_error(), no_chips[i].sentence);
	}
}

TEST("K3 gpiodref_sim_get")
{
	ok(!gpiodref_sim_get(NULL));
}

TEST("K3 gpiodref_sim_put")
{
	gpiodref_sim_put(NULL);
}

TEST("K3 gpiodref_sim_chip")
{
	null_pointer(gpiodref_sim_chip(NULL), "sim");
}

TEST("K3 gpiodref_sim_set_pull")
{
	null_int(gpiodref_sim_set_pull(NULL, 0, 0), "sim");
	value_int(gpiodref_sim_set_pull(board, 0, value));
	ok_int(gpiodref_sim_set_pull(board, 8, 1), -EINVAL);
	ok_contains(gpiodref_last_error(), "8 wires, and none is 8");
	ok_int(gpiodref_sim_set_pull(board, -1, 1), -EINVAL);
}

TEST("K3 gpiodref_sim_level")
{
	null_int(gpiodref_sim_level(NULL, 0), "sim");
	ok_int(level(8), -EINVAL);
	ok_int(level(-1), -EINVAL);
}

TEST("K3 gpiodref_sim_remove")
{
	null_int(gpiodref_sim_remove(NULL), "sim");
}

TEST("K3 gpiodref_watch_lines")
{
	unsigned offsets[2] = {0, 8};

	null_pointer(gpiodref_watch_lines(NULL, offsets, 1), "chip");
	null_pointer(gpiodref_watch_lines(chip, NULL, 1), "offsets");
	ok_errno(gpiodref_watch_lines(chip, offsets, 2), EINVAL);
	ok_errno(gpiodref_watch_lines(chip, offsets, -1), EINVAL);
	ok_contains(gpiodref_last_error(), "offsets cannot have 18446744073709551615 elements");
}

TEST("K3 gpiodref_watch_get")
{
	ok(!gpiodref_watch_get(NULL));
}

TEST("K3 gpiodref_watch_put")
{
	gpiodref_watch_put(NULL);
}

TEST("K3 gpiodref_watch_wait")
{
	null_int(gpiodref_watch_wait(NULL, 0), "watch");
}

TEST("K3 gpiodref_watch_read")
{
	struct gpiodref_info_event event = {.size = sizeof(event)};

	null_int(gpiodref_watch_read(NULL, &event), "watch");
	null_int(gpiodref_watch_read(watch, NULL), "event");
	event.size = sizeof(event) - 1;
	ok_int(gpiodref_watch_read(watch, &event), -EINVAL);
	event.size = -1;
	ok_int(gpiodref_watch_read(watch, &event), -E2BIG);
}

TEST("K3 gpiodref_watch_fd")
{
	null_int(gpiodref_watch_fd(NULL), "watch");
}

TEST("no function is without its test")
{
	ok_all_tested(TOP "/libgpiodref/gpiodref.symbols", 80);
}

TEST("K3 whatever was refused, nothing is held but what this program holds")
{
	struct gpiodref_info_event event = {.size = sizeof(event)};
	int changes = 0;

	/* Nobody was ever told of a line that was refused. */
	while (gpiodref_watch_read(watch, &event) == 1) {
		ok(event.info.offset == 4 || event.info.offset == 5);
		changes++;
	}
	ok_int(changes, 0);
	gpiodref_watch_put(watch);
	gpiodref_group_put(group);
	gpiodref_put(desc);
	for (unsigned offset = 0; offset < 8; offset++)
		ok_holder(offset, "");
	unplug_and_let_go();
}
