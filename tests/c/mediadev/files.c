/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Open handles: the calls of the media interface, made as a program makes them on a device node; requests; the allocator. */
#include "fixtures.h"

static mediadev_file *file;

static void plug_and_open(void)
{
	plug();
	ok0(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED));
	file = open_file();
	*happened = 0;
}

static void close_and_unplug(void)
{
	mediadev_file_close(file);
	unplug_and_let_go();
}

TEST("MEDIA_IOC_DEVICE_INFO")
{
	struct media_device_info info;

	plug_and_open();
	memset(&info, 0xff, sizeof(info));
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_DEVICE_INFO, &info));
	ok_str(info.driver, "camera");
	ok_str(info.model, "A camera");
	ok_str(info.serial, "0815");
	ok_str(info.bus_info, "platform:camera");
	ok_int(info.hw_revision, 3);
	ok(MEDIA_V2_PAD_HAS_INDEX(info.media_version));
	ok(info.driver_version);
	for (int i = 0; i < 31; i++)
		ok_int(info.reserved[i], 0);
	struct mediadev_info same = {.size = sizeof(same)};
	ok0(mediadev_device_info(device, &same));
	ok_str(same.bus_info, "platform:camera");
	ok_int(same.media_version, info.media_version);
	close_and_unplug();
}

TEST("MEDIA_IOC_ENUM_ENTITIES")
{
	struct media_entity_desc entity = {.id = MEDIA_ENT_ID_FLAG_NEXT};
	char names[128] = "";

	plug_and_open();
	while (!mediadev_file_ioctl(file, MEDIA_IOC_ENUM_ENTITIES, &entity)) {
		sprintf(names + strlen(names), "%s(%x,%u,%u) ", entity.name, entity.type, entity.pads, entity.links);
		entity.id |= MEDIA_ENT_ID_FLAG_NEXT;
	}
	ok_str(names, "Sensor(20001,1,1) Scaler(20000,2,1) Capture(10001,1,0) ");
	entity.id = mediadev_entity_id(scaler);
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_ENUM_ENTITIES, &entity));
	ok_str(entity.name, "Scaler");
	entity.id = 0;
	ok_error(mediadev_file_ioctl(file, MEDIA_IOC_ENUM_ENTITIES, &entity), -EINVAL,
		 "camera (platform:camera): ENUM_ENTITIES: no entity for the id 0x0");
	close_and_unplug();
}

TEST("MEDIA_IOC_ENUM_LINKS")
{
	struct media_pad_desc pads[2];
	struct media_link_desc links[1];
	struct media_links_enum all;

	plug_and_open();
	memset(&all, 0, sizeof(all));
	all.entity = mediadev_entity_id(scaler);
	all.pads = pads;
	all.links = links;
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_ENUM_LINKS, &all));
	ok_int(pads[0].flags, SINK);
	ok_int(pads[1].index, 1);
	ok_int(links[0].source.entity, mediadev_entity_id(scaler));
	ok_int(links[0].sink.entity, mediadev_entity_id(capture));
	all.pads = NULL;
	all.links = NULL;
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_ENUM_LINKS, &all));
	all.links = (void *)4;
	ok_int(mediadev_file_ioctl(file, MEDIA_IOC_ENUM_LINKS, &all), -EFAULT);
	all.entity = 4711;
	ok_int(mediadev_file_ioctl(file, MEDIA_IOC_ENUM_LINKS, &all), -EINVAL);
	close_and_unplug();
}

TEST("M6 MEDIA_IOC_SETUP_LINK")
{
	plug_and_open();
	struct media_link_desc link = {
		.source = {.entity = mediadev_entity_id(scaler), .index = 1},
		.sink = {.entity = mediadev_entity_id(capture), .index = 0},
		.flags = ENABLED,
	};

	ok0(mediadev_file_ioctl(file, MEDIA_IOC_SETUP_LINK, &link));
	ok_int(flags_of(scaler, 1, capture, 0), ENABLED);
	ok_happened("Scaler:1(0>1) Capture:0(0>1) ");
	link.flags = MEDIA_LNK_FL_IMMUTABLE;
	ok_int(mediadev_file_ioctl(file, MEDIA_IOC_SETUP_LINK, &link), -EINVAL);
	link.sink.index = 9;
	ok_int(mediadev_file_ioctl(file, MEDIA_IOC_SETUP_LINK, &link), -EINVAL);
	ok0(mediadev_file_setup_link(file, pad_id(scaler, 1), pad_id(capture, 0), 0));
	ok_int(flags_of(scaler, 1, capture, 0), 0);
	ok_error(mediadev_file_setup_link(file, 1, pad_id(capture, 0), 0), -ENOENT, "no pad has the id 0x1");
	close_and_unplug();
}

TEST("M12 MEDIA_IOC_G_TOPOLOGY")
{
	struct media_v2_topology all = {0};
	struct media_v2_entity entities[3];
	struct media_v2_pad pads[4];
	struct media_v2_link links[2];

	plug_and_open();
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_G_TOPOLOGY, &all));
	ok_int(all.num_entities, 3);
	ok_int(all.num_pads, 4);
	ok_int(all.num_links, 2);
	ok_int(all.num_interfaces, 0);
	all.ptr_entities = (uintptr_t)entities;
	all.ptr_pads = (uintptr_t)pads;
	all.ptr_links = (uintptr_t)links;
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_G_TOPOLOGY, &all));
	ok_str(entities[2].name, "Capture");
	ok_int(pads[1].entity_id, entities[1].id);
	ok_int(pads[2].index, 1);
	ok_int(links[0].source_id, pads[0].id);
	ok_int(links[0].flags, ENABLED);
	/* The same that a snapshot says. */
	mediadev_topology *t = mediadev_topology_of(file);
	ok(mediadev_topology_version(t) == all.topology_version);
	mediadev_topology_put(t);
	mediadev_entity_put(mediadev_entity_add(device, "more", 0, NULL, 0));
	ok_int(mediadev_file_ioctl(file, MEDIA_IOC_G_TOPOLOGY, &all), -ENOSPC);
	close_and_unplug();
}

TEST("other calls are the provider's")
{
	int number = 41;

	plug_and_open();
	ok0(mediadev_file_ioctl(file, CAMERA_COUNT, &number));
	ok_int(number, 42);
	does.ioctl = -EPIPE;
	ok_int(mediadev_file_ioctl(file, CAMERA_COUNT, &number), -EPIPE);
	ok_contains(mediadev_last_error(), "camera (platform:camera): ioctl 0xc0044301: ");
	ok_int(mediadev_file_ioctl(file, _IO('|', 0x3f), NULL), -ENOTTY);
	ok_int(mediadev_file_ioctl(file, MEDIA_IOC_DEVICE_INFO, NULL), -EFAULT);
	close_and_unplug();
}

static mediadev_request *queued;

static void keep(mediadev_request *request)
{
	queued = mediadev_request_get(request);
}

static int polled(int fd)
{
	struct pollfd entry = {.fd = fd, .events = POLLIN};

	ok(poll(&entry, 1, 0) >= 0);
	return entry.revents;
}

static void done(void)
{
	ok0(mediadev_request_complete(queued));
	mediadev_request_put(queued);
	queued = NULL;
}

TEST("M8 a request is idle, queued, complete, and idle again")
{
	plug_and_open();
	does.in_queue = keep;
	mediadev_request *request = mediadev_file_request_alloc(file);
	int fd = mediadev_request_fd(request);

	ok(fd >= 0);
	ok_error(mediadev_request_wait(request, 0), -EINVAL,
		 "camera (platform:camera): request_wait: the request is not queued");
	ok_int(mediadev_request_complete(request), -EINVAL);
	for (int round = 0; round < 2; round++) {
		ok0(mediadev_request_set_context(request, "buffers", freed));
		ok_str(mediadev_request_context(request), "buffers");
		ok0(mediadev_request_queue(request));
		ok_int(mediadev_request_queue(request), -EBUSY);
		ok_error(mediadev_request_reinit(request), -EBUSY,
			 "camera (platform:camera): request_reinit: the request is queued");
		ok_int(mediadev_request_wait(request, 0), -ETIMEDOUT);
		ok_int(polled(fd), 0);
		done();
		ok0(mediadev_request_wait(request, -1));
		ok_int(polled(fd), POLLIN);
		ok_int(mediadev_request_queue(request), -EBUSY);
		ok_happened("");
		ok0(mediadev_request_reinit(request));
		ok_happened("buffers ");
		ok_int(polled(fd), 0);
	}
	does.request_validate = -ENOENT;
	ok_int(mediadev_request_queue(request), -ENOENT);
	mediadev_request_put(request);
	close_and_unplug();
}

static void *waits_for(void *request)
{
	return (void *)(long)mediadev_request_wait(request, -1);
}

TEST("M8 a request outlives its device")
{
	pthread_t waiter;
	void *outcome;

	plug_and_open();
	does.in_queue = keep;
	mediadev_request *request = mediadev_file_request_alloc(file), *idle = mediadev_file_request_alloc(file);
	int fd = mediadev_request_fd(request);

	ok0(mediadev_request_queue(request));
	pthread_create(&waiter, NULL, waits_for, request);
	sleep_ms(20);
	unplug();
	pthread_join(waiter, &outcome);
	ok_int((long)outcome, -ENODEV);
	ok_int(polled(fd), POLLHUP);
	ok_int(mediadev_request_queue(idle), -ENODEV);
	ok_int(mediadev_request_reinit(idle), -ENODEV);
	done();
	ok0(mediadev_request_wait(request, 0));
	mediadev_file_close(file);
	let_go();
	mediadev_request_put(idle);
	ok_happened("close ");
	mediadev_request_put(request);
	ok_happened("before_free after_free ");
}

TEST("M8 MEDIA_IOC_REQUEST_ALLOC gives a file descriptor that stands for a request")
{
	int fd = -1, other = -1;

	plug_and_open();
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_REQUEST_ALLOC, &fd));
	ok_int(fcntl(fd, F_GETFD), FD_CLOEXEC);
	mediadev_request *request = mediadev_request_by_fd(file, fd);
	ok0(mediadev_request_set_context(request, "buffers", freed));
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_REQUEST_ALLOC, &other));
	mediadev_request *second = mediadev_request_by_fd(file, other);
	ok(second && second != request);
	mediadev_request_put(second);
	mediadev_request_put(request);
	ok_error((int)(intptr_t)mediadev_request_by_fd(file, 0), 0,
		 "camera (platform:camera): file descriptor 0 is none of its requests");
	close(fd);
	ok_errno(mediadev_request_by_fd(file, fd), EINVAL);
	ok_happened("");
	ok0(mediadev_file_ioctl(file, MEDIA_IOC_REQUEST_ALLOC, &fd));
	ok_happened("buffers ");
	ok_int(mediadev_file_ioctl(file, MEDIA_IOC_REQUEST_ALLOC, NULL), -EFAULT);
	close(fd);
	close(other);
	close_and_unplug();
}

TEST("M8 a device without requests says so")
{
	mediadev_device *plain = mediadev_device_new(&camera_info, NULL, NULL);
	int fd;

	ok0(mediadev_register(plain));
	mediadev_file *open = mediadev_file_open(plain);
	ok_none(mediadev_file_request_alloc(open), ENOTTY, "camera (platform:camera): it has no requests");
	ok_int(mediadev_file_ioctl(open, MEDIA_IOC_REQUEST_ALLOC, &fd), -ENOTTY);
	mediadev_file_close(open);
	ok0(mediadev_unregister(plain));
	mediadev_device_put(plain);
}

TEST("M9 K6 drivers of one piece of hardware share a device, and the next one is made when it is gone")
{
	char *report;

	*happened = 0;
	ok0(mediadev_set_tracking(1));
	mediadev_device *video = mediadev_allocator_get("usb-1.2", "video"), *audio = mediadev_allocator_get("usb-1.2", "audio");

	ok(video == audio);
	ok(mediadev_holders(&report) > 0);
	ok_contains(report, "held by audio");
	mediadev_free(report);
	ok0(mediadev_set_tracking(0));
	ok_error(mediadev_register(video), -EINVAL, "the shared device usb-1.2: it has not been set up");
	ok0(mediadev_device_init(video, &camera_info, &camera_ops, NULL));
	ok_int(mediadev_device_init(audio, &camera_info, &camera_ops, NULL), -EBUSY);
	ok_happened("after_free ");
	ok0(mediadev_register(audio));
	uint64_t generation = mediadev_device_generation(video);
	ok0(mediadev_unregister(video));
	mediadev_device_put(video);
	ok_happened("");
	mediadev_device_put(audio);
	ok_happened("before_free after_free ");
	video = mediadev_allocator_get("usb-1.2", "video");
	ok(mediadev_device_generation(video) > generation);
	mediadev_device_put(video);
}

static void ask_again(mediadev_device *dev)
{
	(void)dev;
	ok_none(mediadev_allocator_get("usb-9", "release"), EBUSY,
		"usb-9: the device is still being freed, or it is asked for by what frees it");
}

TEST("M9 a device that is being freed cannot be had")
{
	mediadev_device *shared = mediadev_allocator_get("usb-9", "driver");

	memset(&does, 0, sizeof(does));
	does.in_before_free = ask_again;
	ok0(mediadev_device_init(shared, &camera_info, &camera_ops, NULL));
	mediadev_device_put(shared);
	mediadev_device_put(mediadev_allocator_get("usb-9", "next"));
}

TEST("K2 no file descriptor is left behind")
{
	ok_int(open_fds(), fds_at_start);
}
