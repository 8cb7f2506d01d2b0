/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Media devices of the kernel from C: every function of a node, on vimc, with media-ctl as the witness. */
#include "vimc.h"

static mediadev_node *node;

static void plug(void)
{
	mediadev_node_put(node);
	node = vimc_open();
	ok0(mediadev_reset_links(node));
	ok0(mediadev_setup_links(node, "'Debayer A':1 -> 'Scaler':0 [1]"));
}

/* What media-ctl says of the link of which this is the line. */
static int ctl_says(const char *line)
{
	static char text[32768];

	media_ctl(node, "-p", text, sizeof(text));
	return strstr(text, line) != NULL;
}

TEST("devices are listed by number, each once, and opened by any of their names")
{
	struct mediadev_info info = {.size = sizeof(info)};
	char name[32] = "", path[64];
	int vimc = 0, vivid = 0, length;

	for (length = mediadev_next(NULL, name, sizeof(name)); length > 0; length = mediadev_next(name, name, sizeof(name))) {
		ok_int(length, strlen(name));
		mediadev_node *listed = mediadev_open(name);
		ok(listed);
		ok0(mediadev_info(listed, &info));
		vimc += !strcmp(info.driver, "vimc");
		vivid += !strcmp(info.driver, "vivid");
		ok_str(mediadev_node_name(listed), name);
		mediadev_node_put(listed);
	}
	ok0(length);
	ok_int(vimc, 1);
	ok_int(vivid, 1);
	ok_int(mediadev_next(NULL, name, 3), -ERANGE);
	plug();
	snprintf(path, sizeof(path), "/dev/%s", mediadev_node_name(node));
	const char *keys[] = {path, "vimc", "platform:vimc"};
	for (int i = 0; i < 3; i++) {
		mediadev_node *same = mediadev_open(keys[i]);
		ok(same);
		info = (struct mediadev_info){.size = sizeof(info)};
		ok0(mediadev_info(same, &info));
		ok_str(info.model, "VIMC MDEV");
		ok_str(info.bus_info, "platform:vimc");
		ok(info.media_version >= (4 << 16));
		ok_int(mediadev_node_is_alive(same), 1);
		mediadev_node_put(same);
	}
	ok_none(mediadev_open("no such device"), ENOENT,
		"no media device has the path, name, bus information or driver \"no such device\"");
	ok_none(mediadev_open("/dev/null"), EINVAL, "/dev/null: MEDIA_IOC_DEVICE_INFO: this is not a media device");
}

TEST("M12 a topology tells what there is, and the node of an entity when asked")
{
	struct mediadev_entity_info entity = {.size = sizeof(entity)};
	char path[64], said[64];

	plug();
	mediadev_topology *topology = mediadev_topology_read(node);
	ok(topology);
	ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_ENTITY), 11);
	ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_PAD), 12);
	ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_INTERFACE), 11);
	ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_LINK), 21);
	ok0(mediadev_topology_find(topology, "Sensor ?", &entity));
	ok_str(entity.name, "Sensor A");
	ok_int(mediadev_topology_devnode(topology, entity.id, path, sizeof(path)), strlen(path));
	media_ctl(node, "-e 'Sensor A'", said, sizeof(said));
	said[strcspn(said, "\n")] = 0;
	ok_str(path, said);
	entity = (struct mediadev_entity_info){.size = sizeof(entity)};
	ok0(mediadev_topology_by_devnode(topology, path, &entity));
	ok_str(entity.name, "Sensor A");
	ok_int(mediadev_topology_by_devnode(topology, "/dev/null", &entity), -ENOENT);
	ok_int(mediadev_topology_by_devnode(topology, "/dev", &entity), -EINVAL);
	ok_int(mediadev_topology_by_devnode(topology, "/dev/no-such", &entity), -ENOENT);
	mediadev_topology_put(topology);
}

TEST("M14 links are set by pads and by notation, and media-ctl sees it")
{
	char said[64];

	plug();
	mediadev_topology *topology = mediadev_topology_read(node);
	uint32_t source = pad_of(topology, "Debayer B", 1), sink = pad_of(topology, "Scaler", 0);
	ok(ctl_says("-> \"Scaler\":0 [ENABLED]"));
	ok(!ctl_says("<- \"Debayer B\":1 [ENABLED]"));
	ok0(mediadev_setup_link(node, source, sink, MEDIA_LNK_FL_ENABLED));
	ok(ctl_says("<- \"Debayer B\":1 [ENABLED]"));
	ok0(mediadev_setup_links(node, "'Debayer A':1->'Scaler':0[0],'Debayer B':1->'Scaler':0[0]"));
	ok(!ctl_says("[ENABLED]"));
	media_ctl(node, "-l \"'Debayer B':1->'Scaler':0[1]\"", said, sizeof(said));
	struct mediadev_link_info link = {.size = sizeof(link)};
	mediadev_topology *now = mediadev_topology_read(node);
	ok0(mediadev_topology_link_of(now, source, 0, &link));
	ok_int(link.flags, MEDIA_LNK_FL_ENABLED);
	ok0(mediadev_reset_links(node));
	ok(!ctl_says("[ENABLED]"));
	ok(ctl_says("[ENABLED,IMMUTABLE]"));
	ok_int(mediadev_setup_link(node, sink, source, 0), -EINVAL);
	ok_int(mediadev_setup_link(node, 0, sink, 0), -ENOENT);
	ok_error(mediadev_setup_links(node, "'Scaler':0"), -EINVAL,
		 "links, character 11: \"->\" is expected, and here is nothing");
	mediadev_topology_put(topology);
	mediadev_topology_put(now);
}

TEST("M14 formats are set by struct and by notation, and told in both")
{
	struct mediadev_format format = {.size = sizeof(format)};
	char *text, *all, said[256];
	uint32_t code;

	plug();
	mediadev_topology *topology = mediadev_topology_read(node);
	uint32_t sensor = pad_of(topology, "Sensor A", 0), scaler = pad_of(topology, "Scaler", 0);
	ok0(mediadev_get_formats(node, NULL, &all));
	ok0(mediadev_format_called("SRGGB8", &code));
	format.told = MEDIADEV_FORMAT_FORMAT;
	format.width = 321;
	format.height = 240;
	format.code = code;
	format.field = 1;
	ok0(mediadev_set_format(node, sensor, 0, &format));
	/* What the driver has made of it: widths are even. */
	ok_int(format.width, 320);
	ok_int(format.told, MEDIADEV_FORMAT_FORMAT);
	media_ctl(node, "--get-v4l2 \"'Sensor A':0\"", said, sizeof(said));
	ok_contains(said, "fmt:SRGGB8_1X8/320x240 field:none");
	/* Along the enabled link. */
	media_ctl(node, "--get-v4l2 \"'Debayer A':0\"", said, sizeof(said));
	ok_contains(said, "fmt:SRGGB8_1X8/320x240 field:none");
	ok0(mediadev_get_formats(node, "'Sensor A':0", &text));
	ok_contains(text, "\"Sensor A\":0[fmt:SRGGB8_1X8/320x240 field:none");
	mediadev_free(text);
	ok0(mediadev_set_formats(node, "'Scaler':0[crop:(4,8)/64x32]"));
	format = (struct mediadev_format){.size = sizeof(format)};
	ok0(mediadev_get_format(node, scaler, 0, &format));
	ok_int(format.told, MEDIADEV_FORMAT_FORMAT | MEDIADEV_FORMAT_CROP);
	ok_int(format.crop.left, 4);
	ok_int(format.crop.top, 8);
	ok_int(format.crop.width, 64);
	ok_int(format.crop.height, 32);
	format = (struct mediadev_format){.size = sizeof(format), .told = MEDIADEV_FORMAT_CROP, .crop = {0, 0, 100, 50}};
	ok0(mediadev_set_format(node, scaler, 0, &format));
	media_ctl(node, "--get-v4l2 \"'Scaler':0\"", said, sizeof(said));
	ok_contains(said, "crop:(0,0)/100x50");
	format = (struct mediadev_format){.size = sizeof(format), .told = MEDIADEV_FORMAT_INTERVAL, .interval_numerator = 1};
	ok_int(mediadev_set_format(node, scaler, 0, &format), -ENOTTY);
	format.told = 16;
	ok_error(mediadev_set_format(node, scaler, 0, &format), -EINVAL, "unknown flags 0x10");
	ok_int(mediadev_get_format(node, 1, 0, &format), -ENOENT);
	/* As it was. */
	ok0(mediadev_set_formats(node, all));
	ok0(mediadev_get_formats(node, NULL, &text));
	ok_str(text, all);
	mediadev_free(text);
	mediadev_free(all);
	ok_int(mediadev_set_routes(node, "'Scaler'[0/0->1/0[1]]"), -ENOTTY);
	ok_int(mediadev_get_routes(node, "'Scaler'", &text), -ENOTTY);
	mediadev_topology_put(topology);
}

static void *wait_gone(void *result)
{
	*(int *)result = mediadev_wait_gone(node, SOON_MS);
	return (void *)(uintptr_t)milliseconds();
}

TEST("M13 a device that goes wakes who waits for it, and is -ENODEV from then on, also when another one has its path")
{
	struct mediadev_info info = {.size = sizeof(info)};
	pthread_t waiter;
	void *woken;
	char *text;
	int result;

	plug();
	mediadev_topology *topology = mediadev_topology_read(node);
	uint32_t source = pad_of(topology, "Debayer A", 1), sink = pad_of(topology, "Scaler", 0);
	ok_int(mediadev_wait_gone(node, 60), -ETIMEDOUT);
	ok0(pthread_create(&waiter, NULL, wait_gone, &result));
	usleep(100000);
	vimc_driver("unbind");
	uint64_t gone = milliseconds();
	ok0(pthread_join(waiter, &woken));
	ok0(result);
	ok((uintptr_t)woken <= gone + LATEST_MS);
	for (int back = 0; back < 2; back++) {
		struct pollfd entry = {.fd = mediadev_node_fd(node)};
		ok_int(poll(&entry, 1, 0), 1);
		ok(entry.revents & (POLLERR | POLLHUP));
		ok_int(mediadev_node_is_alive(node), 0);
		ok0(mediadev_wait_gone(node, 0));
		ok_errno(mediadev_topology_read(node), ENODEV);
		ok_contains(mediadev_last_error(), "(platform:vimc): MEDIA_IOC_G_TOPOLOGY: the device is gone");
		ok_int(mediadev_setup_link(node, source, sink, 0), -ENODEV);
		ok_int(mediadev_setup_links(node, "'Debayer A':1->'Scaler':0[0]"), -ENODEV);
		ok_int(mediadev_reset_links(node), -ENODEV);
		ok_int(mediadev_set_formats(node, "'Sensor A':0[fmt:Y8/1x1]"), -ENODEV);
		ok_int(mediadev_get_formats(node, NULL, &text), -ENODEV);
		ok_int(mediadev_set_routes(node, "'Scaler'[]"), -ENODEV);
		ok_errno(mediadev_request_alloc(node), ENODEV);
		ok0(mediadev_info(node, &info));
		ok_str(info.bus_info, "platform:vimc");
		if (!back) {
			ok_errno(mediadev_open("platform:vimc"), ENOENT);
			vimc_driver("bind");
			mediadev_node_put(vimc_open());
		}
	}
	/* What was read is what was. */
	ok_int(pad_of(topology, "Scaler", 0), sink);
	mediadev_topology_put(topology);
	plug();
	ok_int(mediadev_node_is_alive(node), 1);
}
