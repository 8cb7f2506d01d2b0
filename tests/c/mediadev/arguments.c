/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * K3 at every door: whatever is NULL where something is needed, or is no text, no size, no flag, is refused by its name.
 * One test for each function, and a last one that no function is without.
 */
#include "fixtures.h"

#include "arguments.h"

static mediadev_file *file;
static mediadev_request *request;
static mediadev_topology *topology;

__attribute__((constructor)) static void set_up(void)
{
	plug();
	file = mediadev_file_open(device);
	request = mediadev_file_request_alloc(file);
	topology = mediadev_topology_of(file);
	ok(file && request && topology);
}

/* The struct `info`, which this call is to fill in, is refused if it is NULL or its size is not one. */
#define info_int(type, call)                                                               \
	do {                                                                               \
		struct type of_size = {.size = sizeof(of_size)}, *info = NULL;             \
		null_int(call, "info");                                                    \
		info = &of_size;                                                           \
		of_size.size = sizeof(of_size) - 1;                                        \
		ok_int(call, -EINVAL);                                                     \
		ok_contains(mediadev_last_error(), "info->size is ");                      \
		of_size.size = -1;                                                         \
		ok_int(call, -E2BIG);                                                      \
	} while (0)

/* Descriptions of devices and tables of operations that are none; what is given with them is freed. */
#define infos(call, refused)                                                               \
	do {                                                                               \
		struct mediadev_info wrong = camera_info, *info = NULL;                    \
		refused(call, EINVAL, "info is NULL");                                     \
		info = &wrong;                                                             \
		wrong.size = sizeof(wrong) - 1;                                            \
		refused(call, EINVAL, "info->size is ");                                   \
		wrong.size = 4097;                                                         \
		refused(call, E2BIG, "info->size is 4097");                                \
		wrong = camera_info;                                                       \
		memset(wrong.driver, 'x', sizeof(wrong.driver));                           \
		refused(call, EINVAL, "info->driver does not end with NUL");               \
		wrong = camera_info;                                                       \
		memset(wrong.model, 'x', sizeof(wrong.model));                             \
		refused(call, EINVAL, "info->model does not end with NUL");                \
		wrong = camera_info;                                                       \
		memset(wrong.serial, 'x', sizeof(wrong.serial));                           \
		refused(call, EINVAL, "info->serial does not end with NUL");               \
		wrong = camera_info;                                                       \
		memset(wrong.bus_info, 'x', sizeof(wrong.bus_info));                       \
		refused(call, EINVAL, "info->bus_info does not end with NUL");             \
	} while (0)
#define tables(call, refused)                                                              \
	do {                                                                               \
		struct {                                                                   \
			struct mediadev_ops ops;                                           \
			void *newer;                                                       \
		} wrong = {camera_ops, &wrong};                                            \
		const struct mediadev_ops *ops = &wrong.ops;                               \
		wrong.ops.size = 0;                                                        \
		refused(call, EINVAL, "ops->size is 0");                                   \
		wrong.ops.size = -1;                                                       \
		refused(call, E2BIG, "ops->size is 18446744073709551615");                 \
		wrong.ops.size = sizeof(wrong);                                            \
		refused(call, E2BIG, "ops is newer than the library: byte ");              \
	} while (0)
#define refused_pointer(call, error, sentence)                                             \
	do {                                                                               \
		ok_errno(call, error);                                                     \
		ok_contains(mediadev_last_error(), sentence);                              \
	} while (0)
#define refused_int(call, error, sentence)                                                 \
	do {                                                                               \
		ok_int(call, -(error));                                                    \
		ok_contains(mediadev_last_error(), sentence);                              \
	} while (0)

TEST("K3 mediadev_version")
{
	ok_contains(mediadev_version(), ".");
}

TEST("K3 mediadev_last_error")
{
	ok(mediadev_last_error());
	null_int(mediadev_register(NULL), "device");
	/* What succeeds leaves it alone. */
	ok_int(mediadev_is_registered(device), 1);
	ok_str(mediadev_last_error(), "device is NULL");
}

TEST("K3 mediadev_free")
{
	mediadev_free(NULL);
}

TEST("K3 mediadev_set_log_callback")
{
	ok0(mediadev_set_log_callback(NULL, NULL, NULL));
}

TEST("K3 mediadev_set_tracking")
{
	for (uint32_t level = 3; level; level <<= 1)
		ok_int(mediadev_set_tracking(level), -EINVAL);
	ok_contains(mediadev_last_error(), "level is ");
}

TEST("K3 mediadev_set_tag")
{
	ok0(mediadev_set_tag(NULL));
	ok_int(mediadev_set_tag("\xff"), -EINVAL);
	ok_contains(mediadev_last_error(), "tag is not UTF-8");
}

TEST("K3 mediadev_holders")
{
	null_int(mediadev_holders(NULL), "report");
}

/* Each copies a name into a buffer. */
#define name_int(function)                                                                 \
	TEST("K3 " #function)                                                              \
	{                                                                                  \
		char name[64];                                                             \
		null_int(function(1, NULL, 64), "name");                                   \
		ok_int(function(1, name, -1), -EINVAL);                                    \
		ok_contains(mediadev_last_error(), "name cannot have 18446744073709551615 elements"); \
		ok_int(function(1, name, 1), -ERANGE);                                     \
		ok(function(-1, name, sizeof(name)) > 0);                                  \
	}
name_int(mediadev_name_function)
name_int(mediadev_name_interface)
name_int(mediadev_name_entity_flags)
name_int(mediadev_name_pad_flags)
name_int(mediadev_name_link_flags)

TEST("K3 mediadev_function_called")
{
	uint32_t number;

	text_int(mediadev_function_called(text, &number), "name");
	null_int(mediadev_function_called("LENS", NULL), "function");
}

TEST("K3 mediadev_interface_called")
{
	uint32_t number;

	text_int(mediadev_interface_called(text, &number), "name");
	null_int(mediadev_interface_called("V4L_VIDEO", NULL), "kind");
}

TEST("K3 mediadev_topology_get")
{
	ok(!mediadev_topology_get(NULL));
	ok(mediadev_topology_get(topology) == topology);
}

TEST("K3 mediadev_topology_put")
{
	mediadev_topology_put(NULL);
	mediadev_topology_put(topology);
}

TEST("K3 mediadev_topology_version")
{
	null_number(mediadev_topology_version(NULL), "topology");
}

TEST("K3 mediadev_topology_generation")
{
	null_number(mediadev_topology_generation(NULL), "topology");
}

TEST("K3 mediadev_topology_count")
{
	null_number(mediadev_topology_count(NULL, MEDIADEV_KIND_PAD), "topology");
	errno = 0;
	ok_int(mediadev_topology_count(topology, 4), 0);
	ok_int(errno, EINVAL);
	ok_str(mediadev_last_error(), "kind is 4, and 3 is the highest");
}

/* Each tells of the thing at a place, or with an id. */
#define at_place(function, type)                                                           \
	TEST("K3 " #function)                                                              \
	{                                                                                  \
		struct type found = {.size = sizeof(found)};                               \
		null_int(function(NULL, 0, &found), "topology");                           \
		info_int(type, function(topology, 0, info));                               \
		ok_int(function(topology, -1, &found), -ENOENT);                           \
	}
at_place(mediadev_topology_entity, mediadev_entity_info)
at_place(mediadev_topology_pad, mediadev_pad_info)
at_place(mediadev_topology_link, mediadev_link_info)
at_place(mediadev_topology_interface, mediadev_interface_info)
at_place(mediadev_topology_by_id, mediadev_entity_info)
at_place(mediadev_topology_pad_by_id, mediadev_pad_info)
at_place(mediadev_topology_link_by_id, mediadev_link_info)
at_place(mediadev_topology_interface_by_id, mediadev_interface_info)

TEST("K3 mediadev_topology_find")
{
	struct mediadev_entity_info found = {.size = sizeof(found)};

	null_int(mediadev_topology_find(NULL, "*", &found), "topology");
	null_int(mediadev_topology_find(topology, NULL, &found), "glob");
	info_int(mediadev_entity_info, mediadev_topology_find(topology, "*", info));
	/* What the kernel calls an entity need not be text. */
	ok_int(mediadev_topology_find(topology, "\xff", &found), -ENOENT);
}

TEST("K3 mediadev_topology_by_function")
{
	struct mediadev_entity_info found = {.size = sizeof(found)};

	null_int(mediadev_topology_by_function(NULL, 0, 0, &found), "topology");
	info_int(mediadev_entity_info, mediadev_topology_by_function(topology, MEDIA_ENT_F_CAM_SENSOR, 0, info));
	ok_int(mediadev_topology_by_function(topology, MEDIA_ENT_F_CAM_SENSOR, -1, &found), -ENOENT);
}

TEST("K3 mediadev_topology_pad_of")
{
	struct mediadev_pad_info found = {.size = sizeof(found)};

	null_int(mediadev_topology_pad_of(NULL, 1, 0, &found), "topology");
	info_int(mediadev_pad_info, mediadev_topology_pad_of(topology, 1, 0, info));
	ok_int(mediadev_topology_pad_of(topology, 1, -1, &found), -ENOENT);
	ok_int(mediadev_topology_pad_of(topology, -1, 0, &found), -ENOENT);
}

TEST("K3 mediadev_topology_link_of")
{
	struct mediadev_link_info found = {.size = sizeof(found)};

	null_int(mediadev_topology_link_of(NULL, 0, 0, &found), "topology");
	info_int(mediadev_link_info, mediadev_topology_link_of(topology, pad_id(sensor, 0), 0, info));
	ok_int(mediadev_topology_link_of(topology, -1, 0, &found), -ENOENT);
	ok_int(mediadev_topology_link_of(topology, pad_id(sensor, 0), -1, &found), -ENOENT);
}

TEST("K3 mediadev_topology_remote_pad")
{
	uint32_t remote;

	null_int(mediadev_topology_remote_pad(NULL, 0, &remote), "topology");
	null_int(mediadev_topology_remote_pad(topology, pad_id(sensor, 0), NULL), "remote");
	ok_int(mediadev_topology_remote_pad(topology, -1, &remote), -ENOENT);
}

static int see(const struct mediadev_entity_info *entity, void *unused)
{
	(void)entity, (void)unused;
	return 0;
}

TEST("K3 mediadev_topology_walk")
{
	null_int(mediadev_topology_walk(NULL, 1, MEDIADEV_UPSTREAM, see, NULL), "topology");
	null_int(mediadev_topology_walk(topology, 1, MEDIADEV_UPSTREAM, NULL, NULL), "visit");
	ok_error(mediadev_topology_walk(topology, 1, MEDIADEV_ALL_LINKS, see, NULL), -EINVAL,
		 "direction is neither up nor down");
	ok_error(mediadev_topology_walk(topology, 1, 9, see, NULL), -EINVAL, "unknown flags 0x8");
}

TEST("K3 mediadev_topology_devnode")
{
	char path[32];

	null_int(mediadev_topology_devnode(NULL, 1, path, sizeof(path)), "topology");
	ok_int(mediadev_topology_devnode(topology, -1, path, sizeof(path)), -ENOENT);
	ok_int(mediadev_topology_devnode(topology, 1, path, sizeof(path)), -ENOENT);
}

TEST("K3 mediadev_topology_to_dot")
{
	char *text;

	null_int(mediadev_topology_to_dot(NULL, &text), "topology");
	null_int(mediadev_topology_to_dot(topology, NULL), "text");
}

TEST("K3 mediadev_device_new")
{
	infos(mediadev_device_new(info, NULL, NULL), refused_pointer);
	tables(mediadev_device_new(&camera_info, ops, NULL), refused_pointer);
	/* What came later may be missing. */
	struct mediadev_ops older = camera_ops;

	older.size = offsetof(struct mediadev_ops, link_validate);
	mediadev_device *dev = mediadev_device_new(&camera_info, &older, NULL);
	ok(dev);
	ok0(mediadev_register(dev));
	mediadev_file *open = mediadev_file_open(dev);
	ok_errno(mediadev_file_request_alloc(open), ENOTTY);
	mediadev_file_close(open);
	ok0(mediadev_unregister(dev));
	mediadev_device_put(dev);
}

TEST("K3 mediadev_device_init")
{
	mediadev_device *blank = mediadev_allocator_get("arguments", "arguments");

	null_int(mediadev_device_init(NULL, &camera_info, NULL, NULL), "device");
	infos(mediadev_device_init(blank, info, NULL, NULL), refused_int);
	tables(mediadev_device_init(blank, &camera_info, ops, NULL), refused_int);
	mediadev_device_put(blank);
}

TEST("K3 mediadev_allocator_get")
{
	text_pointer(mediadev_allocator_get(text, "owner"), "bus_id");
	text_pointer(mediadev_allocator_get("usb-1", text), "owner");
	ok_none(mediadev_allocator_get("", "owner"), EINVAL, "the bus id is empty");
}

TEST("K3 mediadev_device_get")
{
	ok(!mediadev_device_get(NULL));
	ok(mediadev_device_get(device) == device);
}

TEST("K3 mediadev_device_put")
{
	mediadev_device_put(NULL);
	mediadev_device_put(device);
}

TEST("K3 mediadev_register")
{
	null_int(mediadev_register(NULL), "device");
}

TEST("K3 mediadev_unregister")
{
	null_int(mediadev_unregister(NULL), "device");
}

TEST("K3 mediadev_drain")
{
	null_int(mediadev_drain(NULL, 0), "device");
}

TEST("K3 mediadev_is_registered")
{
	null_int(mediadev_is_registered(NULL), "device");
}

TEST("K3 mediadev_device_info")
{
	struct mediadev_info found = {.size = sizeof(found)};

	null_int(mediadev_device_info(NULL, &found), "device");
	info_int(mediadev_info, mediadev_device_info(device, info));
}

TEST("K3 mediadev_device_generation")
{
	null_number(mediadev_device_generation(NULL), "device");
}

TEST("K3 mediadev_device_topology")
{
	null_pointer(mediadev_device_topology(NULL), "device");
}

TEST("K3 mediadev_device_entity")
{
	null_pointer(mediadev_device_entity(NULL, 1), "device");
	ok_errno(mediadev_device_entity(device, -1), ENOENT);
}

TEST("K3 mediadev_manage")
{
	null_int(mediadev_manage(NULL, "x", freed), "device");
	null_int(mediadev_manage(device, NULL, NULL), "free");
}

TEST("K3 mediadev_notify")
{
	null_int(mediadev_notify(NULL), "device");
}

static int see_file(mediadev_file *open, void *unused)
{
	(void)open, (void)unused;
	return 0;
}

TEST("K3 mediadev_device_files")
{
	null_int(mediadev_device_files(NULL, see_file, NULL), "device");
	null_int(mediadev_device_files(device, NULL, NULL), "visit");
}

TEST("K3 mediadev_interface_add")
{
	uint32_t id;

	null_int(mediadev_interface_add(NULL, 0, 0, 0, 0, &id), "device");
	null_int(mediadev_interface_add(device, 0, 0, 0, 0, NULL), "id");
}

TEST("K3 mediadev_interface_remove")
{
	null_int(mediadev_interface_remove(NULL, 0), "device");
	ok_int(mediadev_interface_remove(device, -1), -ENOENT);
}

TEST("K3 mediadev_entity_add")
{
	uint32_t flags[] = {SINK};

	null_pointer(mediadev_entity_add(NULL, "x", 0, NULL, 0), "device");
	text_pointer(mediadev_entity_add(device, text, 0, NULL, 0), "name");
	null_pointer(mediadev_entity_add(device, "x", 0, NULL, 1), "pad_flags");
	ok_none(mediadev_entity_add(device, "x", 0, flags, -1), EINVAL,
		"pad_flags cannot have 18446744073709551615 elements");
}

TEST("K3 mediadev_entity_remove")
{
	null_int(mediadev_entity_remove(NULL), "entity");
}

TEST("K3 mediadev_entity_get")
{
	ok(!mediadev_entity_get(NULL));
	ok(mediadev_entity_get(sensor) == sensor);
}

TEST("K3 mediadev_entity_put")
{
	mediadev_entity_put(NULL);
	mediadev_entity_put(sensor);
}

TEST("K3 mediadev_entity_id")
{
	null_number(mediadev_entity_id(NULL), "entity");
}

TEST("K3 mediadev_entity_name")
{
	null_pointer(mediadev_entity_name(NULL), "entity");
}

TEST("K3 mediadev_entity_function")
{
	null_number(mediadev_entity_function(NULL), "entity");
}

TEST("K3 mediadev_entity_num_pads")
{
	null_number(mediadev_entity_num_pads(NULL), "entity");
}

TEST("K3 mediadev_entity_is_attached")
{
	null_int(mediadev_entity_is_attached(NULL), "entity");
}

TEST("K3 mediadev_entity_device")
{
	null_pointer(mediadev_entity_device(NULL), "entity");
}

TEST("K3 mediadev_entity_pad_id")
{
	uint32_t id;

	null_int(mediadev_entity_pad_id(NULL, 0, &id), "entity");
	null_int(mediadev_entity_pad_id(sensor, 0, NULL), "id");
	ok_int(mediadev_entity_pad_id(sensor, -1, &id), -EINVAL);
}

TEST("K3 mediadev_entity_set_flags")
{
	null_int(mediadev_entity_set_flags(NULL, 0), "entity");
}

TEST("K3 mediadev_entity_context")
{
	null_pointer(mediadev_entity_context(NULL), "entity");
}

TEST("K3 mediadev_entity_set_context")
{
	null_int(mediadev_entity_set_context(NULL, NULL, NULL), "entity");
	ok0(mediadev_entity_set_context(sensor, NULL, NULL));
}

TEST("K3 mediadev_link_add")
{
	null_int(mediadev_link_add(NULL, 0, capture, 0, 0), "source");
	null_int(mediadev_link_add(sensor, 0, NULL, 0, 0), "sink");
	ok_int(mediadev_link_add(sensor, -1, capture, 0, 0), -EINVAL);
	ok_int(mediadev_link_add(sensor, 0, capture, 0, -1), -EINVAL);
}

TEST("K3 mediadev_link_remove")
{
	null_int(mediadev_link_remove(NULL, 0, capture, 0), "source");
	null_int(mediadev_link_remove(sensor, 0, NULL, 0), "sink");
	ok_int(mediadev_link_remove(sensor, -1, capture, 0), -ENOENT);
}

TEST("K3 mediadev_link_find")
{
	struct mediadev_link_info found = {.size = sizeof(found)};

	null_int(mediadev_link_find(NULL, 0, scaler, 0, &found), "source");
	null_int(mediadev_link_find(sensor, 0, NULL, 0, &found), "sink");
	info_int(mediadev_link_info, mediadev_link_find(sensor, 0, scaler, 0, info));
	ok_int(mediadev_link_find(sensor, -1, scaler, 0, &found), -ENOENT);
}

TEST("K3 mediadev_link_setup")
{
	null_int(mediadev_link_setup(NULL, 0, scaler, 0, 0), "source");
	null_int(mediadev_link_setup(sensor, 0, NULL, 0, 0), "sink");
	ok_int(mediadev_link_setup(sensor, -1, scaler, 0, 0), -EINVAL);
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, -1), -EINVAL);
}

TEST("K3 mediadev_interface_link")
{
	null_int(mediadev_interface_link(NULL, 0, 0), "entity");
	ok_int(mediadev_interface_link(sensor, -1, 0), -ENOENT);
}

TEST("K3 mediadev_ancillary_link")
{
	null_int(mediadev_ancillary_link(NULL, sensor), "primary");
	null_int(mediadev_ancillary_link(sensor, NULL), "ancillary");
}

TEST("K3 mediadev_pipeline_start")
{
	mediadev_pipeline pipelines[2] = {{0}};

	null_int(mediadev_pipeline_start(NULL, 0, pipelines), "entity");
	null_int(mediadev_pipeline_start(sensor, 0, NULL), "pipeline");
	ok_int(mediadev_pipeline_start(sensor, 0, (void *)((char *)pipelines + 1)), -EINVAL);
	ok_contains(mediadev_last_error(), "pipeline is not aligned");
	ok_int(mediadev_pipeline_start(sensor, -1, pipelines), -EINVAL);
}

TEST("K3 mediadev_pipeline_stop")
{
	mediadev_pipeline pipeline = {0};

	null_int(mediadev_pipeline_stop(NULL, 0, &pipeline), "entity");
	null_int(mediadev_pipeline_stop(sensor, 0, NULL), "pipeline");
	ok_int(mediadev_pipeline_stop(sensor, -1, &pipeline), -EINVAL);
}

TEST("K3 mediadev_pad_is_streaming")
{
	null_int(mediadev_pad_is_streaming(NULL, 0), "entity");
	ok_int(mediadev_pad_is_streaming(sensor, -1), -EINVAL);
}

TEST("K3 mediadev_file_open")
{
	null_pointer(mediadev_file_open(NULL), "device");
}

TEST("K3 mediadev_file_get")
{
	ok(!mediadev_file_get(NULL));
	ok(mediadev_file_get(file) == file);
}

TEST("K3 mediadev_file_put")
{
	mediadev_file_put(NULL);
	mediadev_file_put(file);
}

TEST("K3 mediadev_file_close")
{
	mediadev_file_close(NULL);
}

TEST("K3 mediadev_file_ioctl")
{
	null_int(mediadev_file_ioctl(NULL, CAMERA_COUNT, NULL), "file");
	ok_int(mediadev_file_ioctl(file, -1, NULL), -ENOTTY);
}

TEST("K3 mediadev_file_ioctl_timeout")
{
	null_int(mediadev_file_ioctl_timeout(NULL, CAMERA_COUNT, NULL, 0), "file");
	ok_int(mediadev_file_ioctl_timeout(file, -1, NULL, -1), -ENOTTY);
}

TEST("K3 mediadev_file_poll")
{
	ok_int(mediadev_file_poll(NULL, 0), POLLNVAL);
	ok_str(mediadev_last_error(), "file is NULL");
}

TEST("K3 mediadev_file_context")
{
	null_pointer(mediadev_file_context(NULL), "file");
}

TEST("K3 mediadev_file_set_context")
{
	mediadev_file_set_context(NULL, NULL, NULL);
	ok_str(mediadev_last_error(), "file is NULL");
	mediadev_file_set_context(file, NULL, NULL);
}

TEST("K3 mediadev_file_device")
{
	null_pointer(mediadev_file_device(NULL), "file");
}

TEST("K3 mediadev_file_setup_link")
{
	null_int(mediadev_file_setup_link(NULL, 1, 1, 0), "file");
	ok_int(mediadev_file_setup_link(file, -1, -1, 0), -ENOENT);
}

TEST("K3 mediadev_file_request_alloc")
{
	null_pointer(mediadev_file_request_alloc(NULL), "file");
}

TEST("K3 mediadev_topology_of")
{
	null_pointer(mediadev_topology_of(NULL), "file");
}

TEST("K3 mediadev_request_by_fd")
{
	null_pointer(mediadev_request_by_fd(NULL, 0), "file");
	ok_errno(mediadev_request_by_fd(file, -1), EINVAL);
}

TEST("K3 mediadev_request_get")
{
	ok(!mediadev_request_get(NULL));
	ok(mediadev_request_get(request) == request);
}

TEST("K3 mediadev_request_put")
{
	mediadev_request_put(NULL);
	mediadev_request_put(request);
}

TEST("K3 mediadev_request_queue")
{
	null_int(mediadev_request_queue(NULL), "request");
}

TEST("K3 mediadev_request_reinit")
{
	null_int(mediadev_request_reinit(NULL), "request");
}

TEST("K3 mediadev_request_wait")
{
	null_int(mediadev_request_wait(NULL, 0), "request");
}

TEST("K3 mediadev_request_fd")
{
	null_int(mediadev_request_fd(NULL), "request");
}

TEST("K3 mediadev_request_complete")
{
	null_int(mediadev_request_complete(NULL), "request");
}

TEST("K3 mediadev_request_context")
{
	null_pointer(mediadev_request_context(NULL), "request");
}

TEST("K3 mediadev_request_set_context")
{
	null_int(mediadev_request_set_context(NULL, NULL, NULL), "request");
	ok0(mediadev_request_set_context(request, NULL, NULL));
}

TEST("K3 mediadev_open")
{
	text_pointer(mediadev_open(text), "key");
}

TEST("K3 mediadev_next")
{
	char name[64];

	ok_int(mediadev_next("\xff", name, sizeof(name)), -EINVAL);
	ok_contains(mediadev_last_error(), "prev is not UTF-8");
	null_int(mediadev_next(NULL, NULL, sizeof(name)), "name");
}

TEST("K3 mediadev_node_get")
{
	ok(!mediadev_node_get(NULL));
}

TEST("K3 mediadev_node_put")
{
	mediadev_node_put(NULL);
}

TEST("K3 mediadev_info")
{
	struct mediadev_info info = {.size = sizeof(info)};

	null_int(mediadev_info(NULL, &info), "node");
	null_int(mediadev_info(NULL, NULL), "info");
	info.size--;
	ok_int(mediadev_info(NULL, &info), -EINVAL);
	ok_contains(mediadev_last_error(), "info->size is ");
}

TEST("K3 mediadev_node_name")
{
	null_pointer(mediadev_node_name(NULL), "node");
}

TEST("K3 mediadev_node_is_alive")
{
	null_int(mediadev_node_is_alive(NULL), "node");
}

TEST("K3 mediadev_node_fd")
{
	null_int(mediadev_node_fd(NULL), "node");
}

TEST("K3 mediadev_wait_gone")
{
	null_int(mediadev_wait_gone(NULL, -1), "node");
}

TEST("K3 mediadev_topology_read")
{
	null_pointer(mediadev_topology_read(NULL), "node");
}

TEST("K3 mediadev_setup_link")
{
	null_int(mediadev_setup_link(NULL, 1, 2, 0), "node");
}

TEST("K3 mediadev_setup_links")
{
	null_int(mediadev_setup_links(NULL, "1:0->2:0[1]"), "node");
}

TEST("K3 mediadev_reset_links")
{
	null_int(mediadev_reset_links(NULL), "node");
}

TEST("K3 mediadev_set_formats")
{
	null_int(mediadev_set_formats(NULL, "1:0[]"), "node");
}

TEST("K3 mediadev_set_routes")
{
	null_int(mediadev_set_routes(NULL, "1[]"), "node");
}

TEST("K3 mediadev_request_alloc")
{
	null_pointer(mediadev_request_alloc(NULL), "node");
}

TEST("K3 mediadev_get_format")
{
	struct mediadev_format format = {.size = sizeof(format)};

	null_int(mediadev_get_format(NULL, 1, 0, &format), "node");
}

TEST("K3 mediadev_set_format")
{
	struct mediadev_format format = {.size = sizeof(format)};

	null_int(mediadev_set_format(NULL, 1, 0, &format), "node");
}

TEST("K3 mediadev_get_formats")
{
	char *said = NULL;

	null_int(mediadev_get_formats(NULL, NULL, &said), "node");
	ok(!said);
}

TEST("K3 mediadev_get_routes")
{
	char *said = NULL;

	null_int(mediadev_get_routes(NULL, "1", &said), "node");
	ok(!said);
}

TEST("K3 mediadev_topology_by_devnode")
{
	struct mediadev_entity_info info = {.size = sizeof(info)};

	null_int(mediadev_topology_by_devnode(NULL, "/dev/null", &info), "topology");
	null_int(mediadev_topology_by_devnode(topology, NULL, &info), "path");
	info_int(mediadev_entity_info, mediadev_topology_by_devnode(topology, "/dev/null", info));
}

TEST("K3 mediadev_format_called")
{
	uint32_t code;

	text_int(mediadev_format_called(text, &code), "name");
	null_int(mediadev_format_called("Y8", NULL), "code");
}

TEST("K3 mediadev_name_format")
{
	null_int(mediadev_name_format(1, NULL, 64), "name");
}

TEST("K3 mediadev_export_cuse")
{
	null_pointer(mediadev_export_cuse(NULL, "media90"), "device");
	text_pointer(mediadev_export_cuse(device, text), "name");
}

TEST("K3 mediadev_export_get")
{
	ok(!mediadev_export_get(NULL));
}

TEST("K3 mediadev_export_put")
{
	mediadev_export_put(NULL);
}

TEST("K3 mediadev_export_fd")
{
	null_int(mediadev_export_fd(NULL), "export");
}

TEST("K3 mediadev_export_serve")
{
	null_int(mediadev_export_serve(NULL, 0), "export");
}

TEST("K3 mediadev_export_start")
{
	null_int(mediadev_export_start(NULL), "export");
}

TEST("K3 mediadev_export_stop")
{
	null_int(mediadev_export_stop(NULL), "export");
}

TEST("K3 mediadev_file_is_exported")
{
	null_int(mediadev_file_is_exported(NULL), "file");
	ok_int(mediadev_file_is_exported(file), 0);
}

TEST("no function is without its test")
{
	ok_all_tested(TOP "/libmediadev/mediadev.symbols", 120);
}

TEST("K3 whatever was refused, nothing is held but what this program holds")
{
	*happened = 0;
	mediadev_topology_put(topology);
	mediadev_request_put(request);
	mediadev_file_close(file);
	ok_happened("close ");
	unplug_and_let_go();
	ok_happened("before_free after_free ");
}
