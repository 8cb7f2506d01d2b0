/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Threads that do everything at the same time, across the C boundary. The long storms are those of the Rust tests: `make soak`. */
#include "fixtures.h"

/* As latest_ms(); but it is the storm itself that keeps the machine busy, with more threads than it has processors. */
static uint64_t storm_latest_ms(void)
{
	return latest_ms() > 5000 ? latest_ms() : 5000;
}

static mediadev_device *current;
static pthread_mutex_t swapping = PTHREAD_MUTEX_INITIALIZER;
static atomic_int over, living;

static void count_off(void *unused)
{
	(void)unused;
	living--;
}

static int set_context(mediadev_file *file, void *user_data)
{
	(void)user_data;
	mediadev_file_set_context(file, calloc(1, 16), free);
	return 0;
}

static int use_context(mediadev_file *file, uint32_t request, void *arg, void *user_data)
{
	char *own = mediadev_file_context(file);

	(void)arg, (void)user_data;
	own[0]++;
	return request == CAMERA_WAIT ? MEDIADEV_NOT_YET : 0;
}

static void complete(mediadev_request *request, void *user_data)
{
	(void)user_data;
	mediadev_request_complete(request);
}

static const struct mediadev_ops storm_ops = {
	.size = sizeof(storm_ops),
	.open = set_context,
	.ioctl = use_context,
	.after_free = count_off,
	.request_queue = complete,
};

static mediadev_device *make(void)
{
	mediadev_device *dev = mediadev_device_new(&camera_info, &storm_ops, NULL);
	mediadev_entity *a = mediadev_entity_add(dev, "a", 0, (uint32_t[]){SOURCE}, 1);
	mediadev_entity *b = mediadev_entity_add(dev, "b", 0, (uint32_t[]){SINK}, 1);

	living++;
	ok0(mediadev_link_add(a, 0, b, 0, 0));
	ok0(mediadev_manage(dev, malloc(16), free));
	ok0(mediadev_entity_set_context(a, malloc(16), free));
	mediadev_entity_put(a);
	mediadev_entity_put(b);
	ok0(mediadev_register(dev));
	return dev;
}

/* 0, or that the device is gone. */
static void fine(int outcome)
{
	if (outcome && outcome != -ENODEV)
		tap_fail("%d: %s", outcome, mediadev_last_error());
}

static void *consume(void *first)
{
	for (long turn = (long)first; !over; turn++) {
		pthread_mutex_lock(&swapping);
		mediadev_device *dev = mediadev_device_get(current);
		pthread_mutex_unlock(&swapping);
		mediadev_file *file = mediadev_file_open(dev);
		int failed = file ? 0 : errno; /* which calls that succeed may change */
		mediadev_entity *entity = mediadev_device_entity(dev, 1);
		mediadev_request *request = NULL;
		mediadev_topology *topology;

		mediadev_device_put(dev);
		if (!file) {
			ok_int(failed, ENODEV);
			mediadev_entity_put(entity);
			continue;
		}
		switch (turn % 5) {
		case 0:
			fine(mediadev_file_ioctl(file, CAMERA_COUNT, NULL));
			break;
		case 1:
			fine(mediadev_file_ioctl(file, CAMERA_WAIT, NULL));
			break;
		case 2:
			topology = mediadev_topology_of(file);
			fine(topology ? 0 : -errno);
			if (topology)
				ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_LINK), 1);
			mediadev_topology_put(topology);
			break;
		case 3:
			request = mediadev_file_request_alloc(file);
			if (request && !mediadev_request_queue(request))
				fine(mediadev_request_wait(request, -1));
			break;
		case 4:
			ok_str(mediadev_entity_name(entity), "a");
			mediadev_file_poll(file, 1);
		}
		mediadev_file_close(file);
		mediadev_request_put(request);
		mediadev_entity_put(entity);
	}
	return NULL;
}

TEST("M2 M3 K4 devices come and go under threads that use them; everything is freed")
{
	int rounds = under_valgrind() ? 60 : 600;
	pthread_t threads[4];

	current = make();
	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, consume, (void *)i);
	for (int round = 0; round < rounds; round++) {
		mediadev_device *next = make(), *last;

		pthread_mutex_lock(&swapping);
		last = current;
		current = next;
		pthread_mutex_unlock(&swapping);
		uint64_t began = milliseconds();
		ok0(mediadev_unregister(last));
		ok0(mediadev_drain(last, storm_latest_ms()));
		ok(milliseconds() - began <= storm_latest_ms());
		mediadev_device_put(last);
	}
	ok0(mediadev_unregister(current));
	over = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	mediadev_device_put(current);
	ok_int(living, 0);
}

static pthread_barrier_t barrier;

static void *reads(void *file)
{
	mediadev_topology *topology;

	pthread_barrier_wait(&barrier);
	while ((topology = mediadev_topology_of(file))) {
		ok_int(mediadev_topology_count(topology, MEDIADEV_KIND_ENTITY), 2);
		mediadev_topology_put(topology);
	}
	ok_int(errno, ENODEV);
	mediadev_file_close(file);
	return NULL;
}

TEST("M2 three threads read the topology while the device is unregistered: data, or that it is gone")
{
	int rounds = under_valgrind() ? 20 : 200;

	pthread_barrier_init(&barrier, NULL, 4);
	for (int round = 0; round < rounds; round++) {
		mediadev_device *dev = make();
		pthread_t threads[3];

		for (int i = 0; i < 3; i++)
			pthread_create(&threads[i], NULL, reads, mediadev_file_open(dev));
		pthread_barrier_wait(&barrier);
		ok0(mediadev_unregister(dev));
		mediadev_device_put(dev);
		for (int i = 0; i < 3; i++)
			pthread_join(threads[i], NULL);
		ok_int(living, 0);
	}
	pthread_barrier_destroy(&barrier);
}

static void *share(void *unused)
{
	int rounds = under_valgrind() ? 30 : 300;

	for (int round = 0; round < rounds; round++) {
		mediadev_device *dev = mediadev_allocator_get("usb-threads", "driver");

		ok(dev);
		/* Whoever sets it up counts it; what is refused is counted off at once, by after_free. */
		int before = living++;
		if (!mediadev_device_init(dev, &camera_info, &storm_ops, NULL))
			ok(before < 8);
		mediadev_device_put(dev);
	}
	return unused;
}

TEST("M9 eight threads share one piece of hardware")
{
	pthread_t threads[8];

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, share, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	ok_int(living, 0);
}
