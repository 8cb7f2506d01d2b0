/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How long a device lives, and in which order it goes. */
#include "fixtures.h"

TEST("M1 after unregister nothing can be opened and nothing begins")
{
	int number = 0;

	plug();
	ok_int(mediadev_is_registered(device), 1);
	ok_int(mediadev_register(device), -EBUSY);
	mediadev_file *file = open_file();
	ok0(mediadev_file_ioctl(file, CAMERA_COUNT, &number));
	ok_int(number, 1);
	unplug();
	ok_int(mediadev_is_registered(device), 0);
	ok_none(mediadev_file_open(device), ENODEV, "camera (platform:camera): open: the device is gone");
	ok_error(mediadev_file_ioctl(file, CAMERA_COUNT, &number), -ENODEV,
		 "camera (platform:camera): ioctl: the device is gone");
	ok_int(number, 1);
	ok_int(mediadev_file_poll(file, -1), GONE);
	ok_errno(mediadev_topology_of(file), ENODEV);
	ok_int(mediadev_file_setup_link(file, pad_id(sensor, 0), pad_id(scaler, 0), 1), -ENODEV);
	ok_int(mediadev_link_setup(sensor, 0, scaler, 0, 1), -ENODEV);
	ok_errno(mediadev_entity_add(device, "late", 0, NULL, 0), ENODEV);
	ok_errno(mediadev_file_request_alloc(file), ENODEV);
	/* Twice is nothing; registering again is refused. */
	unplug();
	ok_error(mediadev_register(device), -EBUSY,
		 "camera (platform:camera): register: it has been unregistered for good");
	ok_happened("open ");
	mediadev_file_close(file);
	ok_happened("close ");
	let_go();
	ok_happened("before_free after_free ");
}

TEST("M1 what has not been registered cannot be opened either, and may be")
{
	mediadev_device *new = mediadev_device_new(&camera_info, NULL, NULL);

	ok_int(mediadev_is_registered(new), 0);
	ok_none(mediadev_file_open(new), ENODEV, "camera (platform:camera): open: it has not been registered");
	ok0(mediadev_unregister(new));
	ok0(mediadev_register(new));
	mediadev_file *file = mediadev_file_open(new);
	ok(file);
	ok_int(mediadev_file_ioctl(file, CAMERA_WAIT, NULL), -ENOTTY);
	ok_int(mediadev_file_poll(file, 0), 0);
	mediadev_file_close(file);
	ok0(mediadev_unregister(new));
	mediadev_device_put(new);
}

TEST("M1 K2 an open that is refused leaves nothing behind")
{
	plug();
	does.open = -EACCES;
	ok_errno(mediadev_file_open(device), EACCES);
	ok_contains(mediadev_last_error(), "camera (platform:camera): open: ");
	ok_happened("open ");
	unplug_and_let_go();
	ok_happened("before_free after_free ");
}

TEST("M2 a call comes to nothing where there is nothing in time")
{
	plug();
	mediadev_file *file = mediadev_file_open(device);

	ok(file);
	ok_int(mediadev_file_ioctl_timeout(file, CAMERA_WAIT, NULL, 0), MEDIADEV_NOT_YET);
	ok_int(mediadev_file_ioctl_timeout(file, CAMERA_WAIT, NULL, 20), MEDIADEV_NOT_YET);
	does.ioctl = 7;
	ok_int(mediadev_file_ioctl_timeout(file, CAMERA_WAIT, NULL, 0), 7);
	does.ioctl = -EIO;
	ok_int(mediadev_file_ioctl_timeout(file, CAMERA_WAIT, NULL, -1), -EIO);
	does.ioctl = 0;
	mediadev_unregister(device);
	ok_int(mediadev_file_ioctl_timeout(file, CAMERA_WAIT, NULL, 20), -ENODEV);
	mediadev_file_close(file);
	unplug_and_let_go();
}

static void *waits(void *file)
{
	return (void *)(long)mediadev_file_ioctl(file, CAMERA_WAIT, NULL);
}

static void *polls(void *file)
{
	return (void *)(long)mediadev_file_poll(file, -1);
}

TEST("M2 who sleeps wakes up when the device goes, and unregister does not wait")
{
	pthread_t waiter, poller;
	void *waited, *polled;

	plug();
	mediadev_file *file = open_file();
	pthread_create(&waiter, NULL, waits, file);
	pthread_create(&poller, NULL, polls, file);
	sleep_ms(20);
	uint64_t began = milliseconds();
	unplug();
	pthread_join(waiter, &waited);
	pthread_join(poller, &polled);
	ok(milliseconds() - began <= latest_ms());
	ok_int((long)waited, -ENODEV);
	ok_int((long)polled, GONE);
	ok0(mediadev_drain(device, 1000));
	mediadev_file_close(file);
	let_go();
}

TEST("M2 who sleeps wakes up when there is something")
{
	pthread_t waiter, poller;
	void *waited, *polled;

	plug();
	mediadev_file *file = open_file();
	pthread_create(&waiter, NULL, waits, file);
	pthread_create(&poller, NULL, polls, file);
	sleep_ms(20);
	/* Nothing has changed: they look, and sleep on. */
	ok0(mediadev_notify(device));
	sleep_ms(20);
	does.ioctl = 7;
	does.poll = POLLIN;
	ok0(mediadev_notify(device));
	pthread_join(waiter, &waited);
	pthread_join(poller, &polled);
	ok_int((long)waited, 7);
	ok_int((long)polled, POLLIN);
	ok_int(mediadev_file_poll(file, 0), POLLIN);
	does.poll = 0;
	uint64_t began = milliseconds();
	ok_int(mediadev_file_poll(file, 30), 0);
	ok(milliseconds() - began >= 30);
	mediadev_file_close(file);
	unplug_and_let_go();
}

TEST("M3 K8 the release comes once, after the last of all who hold it, and in order")
{
	int freed_data = 0;

	plug();
	unplug_and_let_go();
	memset(&does, 0, sizeof(does));
	*happened = 0;
	mediadev_device *dev = mediadev_device_new(&camera_info, &camera_ops, &freed_data);
	mediadev_entity *entity = mediadev_entity_add(dev, "Sensor", MEDIA_ENT_F_CAM_SENSOR, (uint32_t[]){SOURCE}, 1);
	ok0(mediadev_entity_set_context(entity, "entity's", freed));
	ok0(mediadev_manage(dev, "managed-first", freed));
	ok0(mediadev_manage(dev, "managed-second", freed));
	ok0(mediadev_register(dev));
	mediadev_file *file = mediadev_file_open(dev);
	mediadev_file_set_context(file, "handle's", freed);
	mediadev_request *request = mediadev_file_request_alloc(file);
	ok0(mediadev_request_set_context(request, "request's", freed));
	mediadev_topology *topology = mediadev_topology_of(file);
	ok_happened("open ");
	ok0(mediadev_unregister(dev));
	mediadev_device_put(dev);
	ok_happened("");
	mediadev_file_close(file);
	ok_happened("close handle's ");
	mediadev_request_put(request);
	ok_happened("request's ");
	ok_int(mediadev_entity_is_attached(entity), 1);
	ok_int(freed_data, 0);
	mediadev_entity_put(entity);
	ok_happened("before_free entity's managed-second managed-first after_free ");
	ok_int(freed_data, 1);
	/* A snapshot needs nobody. */
	ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_ENTITY), 1);
	mediadev_topology_put(topology);
}

TEST("M3 the same path for a device that was never registered, and one whose registration failed")
{
	struct mediadev_info nameless = camera_info;
	mediadev_device *dev;

	*happened = 0;
	dev = mediadev_device_new(&camera_info, &camera_ops, NULL);
	ok0(mediadev_manage(dev, "managed", freed));
	mediadev_entity_put(mediadev_entity_add(dev, "x", 0, NULL, 0));
	mediadev_device_put(dev);
	ok_happened("before_free managed after_free ");
	*nameless.driver = 0;
	dev = mediadev_device_new(&nameless, &camera_ops, NULL);
	ok_int(mediadev_register(dev), -EINVAL);
	ok_contains(mediadev_last_error(), "register: it has no name of a driver");
	ok_happened("");
	mediadev_device_put(dev);
	ok_happened("before_free after_free ");
	/* Where no device was made at all, what would have freed the data frees it. */
	nameless = camera_info;
	memset(nameless.model, 'x', sizeof(nameless.model));
	ok_none(mediadev_device_new(&nameless, &camera_ops, NULL), EINVAL, "info->model does not end with NUL");
	ok_happened("after_free ");
}

TEST("M3 a registered device holds itself")
{
	mediadev_device *dev = mediadev_device_new(&camera_info, &camera_ops, NULL);

	ok0(mediadev_register(dev));
	*happened = 0;
	/* The registration's reference is borrowed from here on, as a driver does that unregisters at its end. */
	mediadev_device_put(dev);
	ok_happened("");
	ok0(mediadev_unregister(dev));
	ok_happened("before_free after_free ");
}

static void look_around(mediadev_device *dev)
{
	mediadev_topology *topology = mediadev_device_topology(dev);

	ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_ENTITY), 3);
	ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_LINK), 2);
	mediadev_topology_put(topology);
	ok_none(mediadev_device_get(dev), ENODEV, "the object is being released");
	ok_errno(mediadev_file_open(dev), ENODEV);
	ok_errno(mediadev_device_entity(dev, 1), ENODEV);
	ok_int(mediadev_register(dev), -ENODEV);
	ok0(mediadev_unregister(dev));
	ok0(mediadev_drain(dev, -1));
	ok0(mediadev_notify(dev));
}

TEST("M3 K1 in before_free the graph is intact, and nobody gets the device any more")
{
	plug();
	does.in_before_free = look_around;
	unplug_and_let_go();
	ok_happened("before_free after_free ");
}

static void unregister_inside(mediadev_file *file, void *arg)
{
	(void)arg;
	mediadev_device *dev = mediadev_file_device(file);

	ok0(mediadev_unregister(dev));
	ok_error(mediadev_drain(dev, -1), -EDEADLK,
		 "camera (platform:camera): drain: called by one of its own operations");
	mediadev_device_put(dev);
}

TEST("K4 a device may be unregistered by its own operation, which cannot wait for itself")
{
	plug();
	does.in_ioctl = unregister_inside;
	mediadev_file *file = open_file();
	ok0(mediadev_file_ioctl(file, CAMERA_RUN, NULL));
	ok_int(mediadev_file_ioctl(file, CAMERA_RUN, NULL), -ENODEV);
	ok0(mediadev_drain(device, 0));
	mediadev_file_close(file);
	let_go();
}

static void close_inside(mediadev_file *file, void *arg)
{
	ok(mediadev_file_context(file) == arg);
	unplug_and_let_go();
	mediadev_file_close(file);
	say("still-running");
}

TEST("K5 M3 a call may close its own handle, the last thing that held the device")
{
	plug();
	does.in_ioctl = close_inside;
	does.ioctl = 5;
	mediadev_file *file = open_file();
	mediadev_file_set_context(file, "handle's", freed);
	ok_int(mediadev_file_ioctl(file, CAMERA_RUN, mediadev_file_context(file)), 5);
	ok_happened("open still-running close handle's before_free after_free ");
}

static atomic_int inside, leave;

static void stay(mediadev_file *file, void *arg)
{
	(void)file, (void)arg;
	inside = 1;
	while (!leave)
		sleep_ms(1);
	say("leaves");
}

static void *runs(void *file)
{
	return (void *)(long)mediadev_file_ioctl(file, CAMERA_RUN, NULL);
}

TEST("K4 M3 drain waits for what runs, and a handle that is closed under a call ends with it")
{
	pthread_t runner;
	void *outcome;

	plug();
	does.in_ioctl = stay;
	mediadev_file *file = open_file();
	ok_error(mediadev_drain(device, 0), -ETIMEDOUT, "camera (platform:camera): drain: it has not been unregistered");
	pthread_create(&runner, NULL, runs, file);
	while (!inside)
		sleep_ms(1);
	unplug();
	mediadev_file_close(file);
	ok_happened("open ");
	ok_error(mediadev_drain(device, 20), -ETIMEDOUT, "camera (platform:camera): drain: an operation was still running");
	leave = 1;
	ok0(mediadev_drain(device, -1));
	pthread_join(runner, &outcome);
	ok0((long)outcome);
	ok_happened("leaves close ");
	let_go();
	ok_happened("before_free after_free ");
}

TEST("M4 a reference to an entity keeps the device, and a removed one is detached")
{
	plug();
	uint32_t id = mediadev_entity_id(sensor);
	mediadev_entity *again = mediadev_device_entity(device, id);

	ok(again == sensor);
	mediadev_entity_put(again);
	ok_int(mediadev_entity_is_attached(sensor), 1);
	ok0(mediadev_entity_set_context(sensor, "sensor's", freed));
	ok0(mediadev_entity_remove(sensor));
	ok_int(mediadev_entity_is_attached(sensor), 0);
	ok_int(mediadev_entity_id(sensor), id);
	ok_str(mediadev_entity_name(sensor), "Sensor");
	ok_int(mediadev_entity_function(sensor), MEDIA_ENT_F_CAM_SENSOR);
	ok_int(mediadev_entity_num_pads(sensor), 1);
	ok_error(mediadev_entity_remove(sensor), -ENOENT,
		 "camera (platform:camera): \"Sensor\": it is not in the graph any more");
	ok_errno(mediadev_device_entity(device, id), ENOENT);
	ok_int(mediadev_link_add(sensor, 0, scaler, 0, 0), -ENOENT);
	mediadev_entity *new = mediadev_entity_add(device, "Sensor", 0, NULL, 0);
	ok(mediadev_entity_id(new) > id);
	mediadev_entity_put(new);
	unplug();
	mediadev_entity_put(scaler);
	mediadev_entity_put(capture);
	mediadev_device_put(device);
	ok_happened("");
	mediadev_device *held = mediadev_entity_device(sensor);
	ok_int(mediadev_is_registered(held), 0);
	mediadev_device_put(held);
	mediadev_entity_put(sensor);
	ok_happened("sensor's before_free after_free ");
}

TEST("M5 versions grow, and a device is told from the one before it")
{
	plug();
	uint64_t generation = mediadev_device_generation(device);
	mediadev_topology *before = mediadev_device_topology(device);

	ok0(mediadev_link_setup(sensor, 0, scaler, 0, ENABLED));
	mediadev_topology *enabled = mediadev_device_topology(device);
	ok0(mediadev_entity_remove(capture));
	mediadev_topology *after = mediadev_device_topology(device);

	ok(mediadev_topology_version(before) == mediadev_topology_version(enabled));
	ok(mediadev_topology_version(after) > mediadev_topology_version(before));
	ok(mediadev_topology_generation(after) == generation);
	ok_int(mediadev_topology_count(before, MEDIADEV_KIND_LINK), 2);
	ok_int(mediadev_topology_count(after, MEDIADEV_KIND_LINK), 1);
	mediadev_topology_put(before);
	mediadev_topology_put(enabled);
	mediadev_topology_put(after);
	unplug_and_let_go();
	plug();
	ok(mediadev_device_generation(device) > generation);
	unplug_and_let_go();
}

static int visited;

static int visit(mediadev_file *file, void *stop)
{
	visited += *(int *)mediadev_file_context(file);
	return stop ? 42 : 0;
}

static int close_it(mediadev_file *file, void *unused)
{
	(void)unused;
	mediadev_file_close(file);
	return 0;
}

static void not_usable(mediadev_file *file)
{
	int number = 0;

	ok_errno(mediadev_file_get(file), ENODEV);
	ok_int(mediadev_file_ioctl(file, CAMERA_COUNT, &number), -ENODEV);
	ok_int(mediadev_file_poll(file, -1), GONE);
	ok(mediadev_file_context(file) != NULL);
	mediadev_device *dev = mediadev_file_device(file);
	ok(dev);
	mediadev_device_put(dev);
}

TEST("M10 handles carry a context, and can be walked")
{
	mediadev_file *files[3];
	int numbers[] = {1, 10, 100};

	plug();
	ok0(mediadev_device_files(device, visit, NULL));
	ok_int(visited, 0);
	for (int i = 0; i < 3; i++) {
		files[i] = open_file();
		ok(!mediadev_file_context(files[i]));
		mediadev_file_set_context(files[i], &numbers[i], NULL);
	}
	ok0(mediadev_device_files(device, visit, NULL));
	ok_int(visited, 111);
	ok_int(mediadev_device_files(device, visit, device), 42);
	mediadev_file_set_context(files[0], "first", freed);
	mediadev_file_set_context(files[0], "second", freed);
	ok_happened("open open open first ");
	ok(mediadev_file_get(files[0]) == files[0]);
	mediadev_file_put(files[0]);
	ok_happened("");
	does.in_close = not_usable;
	mediadev_file_close(files[0]);
	ok_happened("close second ");
	does.in_close = NULL;
	/* Closing them all in the walk: each is held meanwhile. */
	ok0(mediadev_device_files(device, close_it, NULL));
	ok_happened("close close ");
	visited = 0;
	ok0(mediadev_device_files(device, visit, NULL));
	ok_int(visited, 0);
	unplug_and_let_go();
}

TEST("K8 what is bound is freed also when binding fails")
{
	*happened = 0;
	ok_int(mediadev_manage(NULL, "refused", freed), -EINVAL);
	ok_happened("refused ");
	mediadev_file_set_context(NULL, "handle's", freed);
	ok_int(mediadev_entity_set_context(NULL, "entity's", freed), -EINVAL);
	ok_int(mediadev_request_set_context(NULL, "request's", freed), -EINVAL);
	ok_happened("handle's entity's request's ");
}

TEST("K2 no file descriptor is left behind")
{
	ok_int(open_fds(), fds_at_start);
}
