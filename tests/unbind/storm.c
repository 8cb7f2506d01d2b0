/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The unbind storm: threads that do everything that can be done with the kernel's media devices, while their drivers are unbound and
 * bound again. Each has to say nothing but what is documented and to let go in time, and nothing may be left behind.
 *
 * Environment: UNBIND_ROUNDS, how often each driver goes; UNBIND_DRIVERS, which, of vimc and vivid. Of one with a dash before its name no
 * calls run when it goes, but files are open, and threads wait for its end.
 *
 * The kernel may not survive this. So what ends the program early is told apart: 1, the library has failed; 3, a thread hangs in the
 * kernel, whose stack is shown.
 */
#include "../allocations.h"
#include "../kernel/vimc.h"

#include <ctype.h>
#include <dirent.h>
#include <stdatomic.h>
#include <sys/syscall.h>

/* Who lets go later than this is late, and who does not come back for so long hangs: the machine is emulated, and busy. */
#define LATE_MS 10000
#define HANGS_MS 60000

struct device {
	const char *driver;
	/* Whether calls run when it goes. Else files are open, and threads wait. */
	int calls;
	/* How often it has gone. */
	atomic_uint gone;
};

enum operation { OPENS, READS, LINKS, FORMATS, WAITS, REQUESTS, WALKS, OPERATIONS };
static const char *const words[OPERATIONS] = {"opens", "topologies", "links", "formats", "waits", "requests", "walks"};
static atomic_ulong counts[OPERATIONS];

struct thread {
	void (*once)(struct device *, mediadev_node *);
	struct device *device;
	pthread_t thread;
	_Atomic(pid_t) tid;
	/* How often the device had gone when this thread got hold of it, and when it last came back from a call. */
	atomic_uint holds;
	_Atomic(uint64_t) came_back;
};

static atomic_int over, watched = 1;
static __thread struct thread *self;

/*
 * Whether it went well. Otherwise the device is gone, or it is what the caller allows as well: everything else fails the test.
 */
static int went_well(enum operation operation, int result, int allowed)
{
	atomic_fetch_add_explicit(&counts[operation], 1, memory_order_relaxed);
	atomic_store(&self->came_back, milliseconds());
	if (result >= 0)
		return 1;
	if (result != -ENODEV && result != -allowed)
		tap_fail("%s: %s: %s", self->device->driver, words[operation], strerror(-result));
	return 0;
}

#define GOT(operation, pointer, allowed) went_well(operation, (pointer) ? 0 : -errno, allowed)

/* What is gone stays so, and says what it said. */
static void is_gone(mediadev_node *node)
{
	struct mediadev_info info = {.size = sizeof(info)};
	char *text;

	if (mediadev_node_is_alive(node) || mediadev_wait_gone(node, 0))
		tap_fail("it is there again");
	if (mediadev_topology_read(node) || errno != ENODEV || mediadev_setup_links(node, "1:0->2:0[1]") != -ENODEV ||
	    mediadev_get_formats(node, NULL, &text) != -ENODEV)
		tap_fail("it answers again");
	if (mediadev_info(node, &info) || strcmp(info.driver, self->device->driver))
		tap_fail("it was the %s", info.driver);
}

static void read_graph(struct device *of, mediadev_node *node)
{
	mediadev_topology *first = NULL, *topology;

	while (GOT(READS, topology = mediadev_topology_read(node), 0)) {
		if (!first)
			first = mediadev_topology_get(topology);
		/* They may go one by one, before the device does. */
		if (mediadev_topology_count(topology, MEDIADEV_KIND_ENTITY) >
		    mediadev_topology_count(first, MEDIADEV_KIND_ENTITY))
			tap_fail("the graph has grown");
		mediadev_topology_put(topology);
		if (!of->calls)
			break;
	}
	if (of->calls)
		is_gone(node);
	else
		went_well(WAITS, mediadev_wait_gone(node, -1), 0);
	mediadev_topology_put(first);
}

/* vivid has none that could be enabled. */
static void set_links(struct device *of, mediadev_node *node)
{
	for (int turn = 0; of->calls; turn++) {
		const char *links = turn & 1 ? "'Debayer B':1->'Scaler':0[1]" : "'Debayer B':1->'Scaler':0[0]";

		/* Its entities go one by one, before it says that it is gone. */
		if (!strcmp(of->driver, "vimc"))
			went_well(LINKS, mediadev_setup_links(node, links), ENOENT);
		if (!went_well(LINKS, mediadev_reset_links(node), 0))
			return is_gone(node);
	}
	went_well(WAITS, mediadev_wait_gone(node, -1), 0);
}

/* Sub-devices have nodes of their own, which go one by one. */
static void tell_formats(struct device *of, mediadev_node *node)
{
	char *text;

	while (of->calls && went_well(FORMATS, mediadev_get_formats(node, NULL, &text), ENOENT))
		mediadev_free(text);
	went_well(WAITS, mediadev_wait_gone(node, -1), 0);
}

static void wait(struct device *of, mediadev_node *node)
{
	(void)of;
	went_well(WAITS, mediadev_wait_gone(node, -1), 0);
	is_gone(node);
}

/* A request is made and let go of; one stays until the device has gone. vimc has none. */
static void make_requests(struct device *of, mediadev_node *node)
{
	mediadev_request *kept = mediadev_request_alloc(node);

	while (of->calls) {
		mediadev_request *request = mediadev_request_alloc(node);

		if (!GOT(REQUESTS, request, ENOTTY))
			break;
		went_well(REQUESTS, mediadev_request_queue(request), ENOENT);
		mediadev_request_put(request);
	}
	went_well(WAITS, mediadev_wait_gone(node, -1), 0);
	mediadev_request_put(kept);
}

/* What was read is what was, with or without a device; only the names of nodes are the system's, and come and go. */
static void walk(struct device *of, mediadev_node *node)
{
	mediadev_topology *topology = mediadev_topology_read(node);
	struct mediadev_entity_info entity = {.size = sizeof(entity)};
	char path[64], name[32];
	char *dot;

	(void)of;
	if (!GOT(READS, topology, 0))
		return;
	ok0(mediadev_topology_to_dot(topology, &dot));
	mediadev_free(dot);
	do {
		for (unsigned i = 0; i < mediadev_topology_count(topology, MEDIADEV_KIND_ENTITY); i++) {
			ok0(mediadev_topology_entity(topology, i, &entity));
			went_well(WALKS, mediadev_topology_devnode(topology, entity.id, path, sizeof(path)), ENOENT);
		}
		for (int length = mediadev_next(NULL, name, sizeof(name)); went_well(WALKS, length, 0) && length > 0;)
			length = mediadev_next(name, name, sizeof(name));
	} while (mediadev_wait_gone(node, 1) == -ETIMEDOUT);
	mediadev_topology_put(topology);
}

static void (*const parts[])(struct device *, mediadev_node *) = {
	read_graph, read_graph, read_graph, set_links, tell_formats, wait, make_requests, walk,
};
enum { PARTS = sizeof(parts) / sizeof(*parts), DEVICES = 2 };

/* --- who hangs, and where -------------------------------------------------------------------------------------------- */

static struct thread threads[DEVICES * PARTS + 1];

static void show(pid_t tid, const char *file)
{
	char path[64], line[256];
	FILE *of;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, file);
	of = fopen(path, "re");
	while (of && fgets(line, sizeof(line), of))
		printf("#   %s", line);
	if (of)
		fclose(of);
}

/* Whether a thread sleeps in the kernel so that no signal wakes it. */
static int is_held(pid_t tid)
{
	char path[64], line[256], state = 0;
	FILE *of;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
	of = fopen(path, "re");
	while (of && !state && fgets(line, sizeof(line), of))
		sscanf(line, "State: %c", &state);
	if (of)
		fclose(of);
	return state == 'D';
}

static void *watch(void *nothing)
{
	while (atomic_load(&watched)) {
		int hangs = 0, held = 0;

		usleep(500000);
		for (struct thread *each = threads; each < threads + sizeof(threads) / sizeof(*threads); each++) {
			uint64_t came_back = atomic_load(&each->came_back);

			if (!came_back || milliseconds() - came_back < HANGS_MS)
				continue;
			hangs++;
			held += is_held(each->tid);
			printf("# %s hangs, in\n", each->device ? each->device->driver : "who unbinds");
			show(each->tid, "stack");
		}
		if (hangs) {
			printf("not ok 1 - %d threads hang, %d of them in the kernel\n", hangs, held);
			fflush(stdout);
			_exit(held ? 3 : 1);
		}
	}
	return nothing;
}

/* --- the storm ------------------------------------------------------------------------------------------------------- */

static void driver(const char *name, const char *file)
{
	char path[64], device[16];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/platform/drivers/%s/%s", name, file);
	snprintf(device, sizeof(device), "%s.0", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	atomic_store(&threads[DEVICES * PARTS].came_back, milliseconds());
	if (fd < 0 || write(fd, device, strlen(device)) < 0)
		tap_fail("%s: %s", path, strerror(errno));
	atomic_store(&threads[DEVICES * PARTS].came_back, milliseconds());
	close(fd);
}

static void *run(void *data)
{
	struct thread *thread = self = data;

	atomic_store(&thread->tid, syscall(SYS_gettid));
	while (!atomic_load(&over)) {
		unsigned gone = atomic_load(&thread->device->gone);
		atomic_store(&thread->holds, gone);
		mediadev_node *node = mediadev_open(thread->device->driver);

		if (!GOT(OPENS, node, ENOENT))
			usleep(1000);
		else if (atomic_load(&thread->device->gone) == gone) {
			thread->once(thread->device, node);
			atomic_store(&thread->came_back, milliseconds());
		}
		mediadev_node_put(node);
	}
	atomic_store(&thread->came_back, 0);
	return NULL;
}

/* Each driver is unbound so often; returns how many milliseconds the slowest thread took to let go. */
static uint64_t storm(struct device *devices, unsigned num, unsigned rounds)
{
	uint64_t slowest = 0;

	atomic_store(&over, 0);
	for (unsigned i = 0; i < num * PARTS; i++) {
		threads[i].device = &devices[i / PARTS];
		threads[i].once = parts[i % PARTS];
		atomic_store(&threads[i].came_back, milliseconds());
		ok0(pthread_create(&threads[i].thread, NULL, run, &threads[i]));
	}
	for (unsigned round = 0; round < rounds * num && !tap_failed; round++) {
		struct device *device = &devices[round % num];
		struct thread *own = &threads[round % num * PARTS];

		/* At another moment each time. */
		usleep(20000 + 777 * (round % 32));
		driver(device->driver, "unbind");
		uint64_t since = milliseconds();
		unsigned gone = atomic_fetch_add(&device->gone, 1);
		for (unsigned i = 0; i < PARTS; i++)
			while (atomic_load(&own[i].holds) == gone) {
				atomic_store(&threads[DEVICES * PARTS].came_back, milliseconds());
				if (milliseconds() - since > LATE_MS && !tap_failed) {
					tap_failed = 1;
					printf("# part %u of %s is late, in\n", i, device->driver);
					show(own[i].tid, "stack");
				}
				usleep(1000);
			}
		uint64_t took = milliseconds() - since;
		slowest = took > slowest ? took : slowest;
		driver(device->driver, "bind");
		printf("# %s was unbound %u times\n", device->driver, gone + 1);
	}
	atomic_store(&over, 1);
	/* Who waits waits for the end. */
	for (unsigned i = 0; i < num; i++)
		driver(devices[i].driver, "unbind");
	for (unsigned i = 0; i < num * PARTS; i++)
		ok0(pthread_join(threads[i].thread, NULL));
	for (unsigned i = 0; i < num; i++)
		driver(devices[i].driver, "bind");
	return slowest;
}

static int open_files(void)
{
	DIR *list = opendir("/proc/self/fd");
	int number = 0;

	for (struct dirent *entry; (entry = readdir(list));)
		number += isdigit(*entry->d_name) != 0;
	closedir(list);
	return number;
}

TEST("M13 the storm: drivers are unbound under all who use their devices")
{
	enum { BLOCKS = 4, BYTES = 4 << 10 };
	const char *asked = getenv("UNBIND_ROUNDS");
	unsigned rounds = asked ? strtoul(asked, NULL, 10) : 8, num = 0;
	struct device devices[DEVICES] = {{.driver = NULL}};
	const char *drivers = getenv("UNBIND_DRIVERS");
	char *report, names[64];
	pthread_t watcher;

	/* The watcher does better. */
	alarm(0);
	snprintf(names, sizeof(names), "%s", drivers ? drivers : "-vimc vivid");
	for (char *name = strtok(names, " "); name && num < DEVICES; name = strtok(NULL, " "), num++) {
		devices[num].calls = *name != '-';
		devices[num].driver = name + !devices[num].calls;
	}
	threads[DEVICES * PARTS].tid = getpid();
	ok0(pthread_create(&watcher, NULL, watch, NULL));
	/* Buffers have their size by then. */
	storm(devices, num, 2);
	int files = open_files();
	long blocks = atomic_load(&live_blocks), bytes = atomic_load(&live_bytes);

	uint64_t slowest = storm(devices, num, rounds);
	blocks = atomic_load(&live_blocks) - blocks;
	bytes = atomic_load(&live_bytes) - bytes;
	printf("# %u rounds:", rounds * num);
	for (int i = 0; i < OPERATIONS; i++)
		printf(" %lu %s,", atomic_load(&counts[i]), words[i]);
	printf(" the slowest let go after %llu ms\n", (unsigned long long)slowest);
	ok_int(tap_failed, 0);
	ok_int(open_files(), files);
	if (blocks > BLOCKS || bytes > BYTES)
		tap_fail("%ld blocks and %ld bytes more than before", blocks, bytes);
	/* And with every reference recorded, of which none may be left. */
	ok0(mediadev_set_tracking(1));
	storm(devices, num, rounds / 8 + 1);
	ok_int(tap_failed, 0);
	int held = mediadev_holders(&report);
	if (held)
		printf("# %s\n", report);
	ok_int(held, 0);
	mediadev_free(report);
	atomic_store(&watched, 0);
	ok0(pthread_join(watcher, NULL));
}
