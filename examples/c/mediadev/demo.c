/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * demo: what libmediadev is for, in steps that say what they do (`make demo`), on a camera that this program provides.
 *
 * Every step checks what it shows; the program fails where the library does not keep its promise.
 */
#include <errno.h>
#include <linux/media.h>
#include <mediadev.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRIVER "the camera's driver"
#define SENSOR "the sensor's driver"
#define FIRST "the first viewer"
#define SECOND "the second viewer"

/* The camera's own calls: how often this handle has asked; the next frame; a test of itself. */
#define CAMERA_COUNT _IOR('C', 0, uint32_t)
#define CAMERA_FRAME _IOR('C', 1, uint32_t)
#define CAMERA_TEST _IOR('C', 2, uint32_t)

/* What the camera's driver has. Calls use it, so it is freed in after_free, when none is left. */
struct camera {
	sem_t test_runs, test_may_end;
	uint32_t tests;
};

static mediadev_device *device;
static mediadev_entity *sensor;

static void step(const char *text)
{
	static int number;

	printf(isatty(1) ? "\n\033[1m%d. %s\033[0m\n" : "\n%d. %s\n", ++number, text);
}

static void expect(int truth, const char *promise)
{
	if (!truth) {
		fprintf(stderr, "demo: not kept: %s (%s)\n", promise, mediadev_last_error());
		exit(1);
	}
}

/* In which order the end of the device came: a letter each. */
static char ends[16];

static void end(char letter, const char *text)
{
	ends[strlen(ends)] = letter;
	printf("   %s\n", text);
}

static int camera_open(mediadev_file *file, void *user_data)
{
	(void)user_data;
	mediadev_file_set_context(file, calloc(1, sizeof(uint32_t)), free);
	return 0;
}

static void camera_close(mediadev_file *file, void *user_data)
{
	(void)file, (void)user_data;
	end('c', "close: a handle's last call has ended, and nobody has it any more");
}

static int camera_ioctl(mediadev_file *file, uint32_t request, void *argument, void *user_data)
{
	struct camera *camera = user_data;
	uint32_t *answer = argument, *count;

	switch (request) {
	case CAMERA_COUNT:
		count = mediadev_file_context(file);
		*answer = ++*count;
		return 0;
	case CAMERA_FRAME: /* It is dark: there is none, and there will be none. */
		return MEDIADEV_NOT_YET;
	case CAMERA_TEST:
		sem_post(&camera->test_runs);
		sem_wait(&camera->test_may_end);
		*answer = ++camera->tests;
		return 0;
	default:
		return -ENOTTY;
	}
}

static void camera_before_free(mediadev_device *dying, void *user_data)
{
	mediadev_topology *graph = mediadev_device_topology(dying);

	(void)user_data;
	expect(mediadev_topology_count(graph, MEDIADEV_KIND_ENTITY) == 3, "the graph is there in before_free");
	mediadev_topology_put(graph);
	end('b', "before_free: the last one has let go; the graph is still there, the driver may stop its threads");
}

static void graph_goes(void *name)
{
	(void)name;
	end('g', "the graph is freed, with what the driver has at its entities");
}

static void clock_goes(void *name)
{
	(void)name;
	end('m', "the clock that was bound to the device is freed");
}

static void camera_after_free(void *user_data)
{
	struct camera *camera = user_data;

	sem_destroy(&camera->test_runs);
	sem_destroy(&camera->test_may_end);
	free(camera);
	end('a', "after_free: nothing is left that could ask for the driver's own");
}

/* What the driver of the camera does when it is plugged in. */
static struct camera *plug_in(void)
{
	static const uint32_t out[] = {MEDIA_PAD_FL_SOURCE};
	static const uint32_t through[] = {MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE};
	static const uint32_t in[] = {MEDIA_PAD_FL_SINK};
	struct mediadev_info info = {
		.size = sizeof(info), .driver = "demo", .model = "Camera", .bus_info = "platform:demo"};
	struct mediadev_ops ops = {.size = sizeof(ops),
				   .open = camera_open,
				   .close = camera_close,
				   .ioctl = camera_ioctl,
				   .before_free = camera_before_free,
				   .after_free = camera_after_free};
	struct camera *camera = calloc(1, sizeof(*camera));

	sem_init(&camera->test_runs, 0, 0);
	sem_init(&camera->test_may_end, 0, 0);
	mediadev_set_tag(DRIVER);
	device = mediadev_device_new(&info, &ops, camera);
	expect(device != NULL, "a device needs no rights and no kernel");
	mediadev_set_tag(SENSOR);
	sensor = mediadev_entity_add(device, "sensor", MEDIA_ENT_F_CAM_SENSOR, out, 1);
	mediadev_set_tag(NULL);
	mediadev_entity *scaler = mediadev_entity_add(device, "scaler", MEDIA_ENT_F_PROC_VIDEO_SCALER, through, 2);
	mediadev_entity *capture = mediadev_entity_add(device, "capture", MEDIA_ENT_F_IO_V4L, in, 1);

	expect(sensor && scaler && capture, "entities can be added");
	expect(!mediadev_link_add(sensor, 0, scaler, 0, MEDIA_LNK_FL_ENABLED | MEDIA_LNK_FL_IMMUTABLE) &&
		       !mediadev_link_add(scaler, 1, capture, 0, 0),
	       "pads can be linked");
	mediadev_entity_put(scaler);
	mediadev_entity_put(capture);
	expect(!mediadev_entity_set_context(sensor, NULL, graph_goes) && !mediadev_manage(device, NULL, clock_goes),
	       "what belongs to a device can be bound to it");
	expect(mediadev_register(device) == 0, "a device can be registered");
	printf("   sensor -> scaler -> capture: registered, and held by its driver\n");
	return camera;
}

static mediadev_file *open_as(const char *who)
{
	mediadev_set_tag(who);
	mediadev_file *file = mediadev_file_open(device);

	mediadev_set_tag(NULL);
	expect(file != NULL, "a registered device can be opened");
	return file;
}

static uint32_t count(mediadev_file *file)
{
	uint32_t answer = 0;

	expect(mediadev_file_ioctl(file, CAMERA_COUNT, &answer) == 0, "calls of the driver's own reach it");
	return answer;
}

/* The link from the scaler to the capture, as somebody sees it who has opened the device. */
static struct mediadev_link_info link_seen_by(mediadev_file *file)
{
	struct mediadev_entity_info scaler = {.size = sizeof(scaler)};
	struct mediadev_pad_info pad = {.size = sizeof(pad)};
	struct mediadev_link_info link = {.size = sizeof(link)};
	mediadev_topology *graph = mediadev_topology_of(file);

	expect(graph && !mediadev_topology_find(graph, "scal*", &scaler) &&
		       !mediadev_topology_pad_of(graph, scaler.id, 1, &pad) &&
		       !mediadev_topology_link_of(graph, pad.id, 0, &link),
	       "the graph of a device can be searched");
	mediadev_topology_put(graph);
	return link;
}

static void two_look(mediadev_file *first, mediadev_file *second)
{
	count(first);
	expect(count(first) == 2 && count(second) == 1, "a handle has what is its own");
	printf("   the first has asked twice, the second once: each has its own count\n");

	struct mediadev_link_info link = link_seen_by(first);

	expect(!(link.flags & MEDIA_LNK_FL_ENABLED), "the link begins as it was made");
	expect(!mediadev_file_setup_link(first, link.source_id, link.sink_id, MEDIA_LNK_FL_ENABLED),
	       "a link can be enabled");
	expect(link_seen_by(second).flags & MEDIA_LNK_FL_ENABLED, "both see one graph");
	printf("   the first enables scaler -> capture, the second sees it\n");

	mediadev_pipeline pipeline = {0};

	expect(!mediadev_pipeline_start(sensor, 0, &pipeline), "linked entities can stream");
	expect(mediadev_file_setup_link(second, link.source_id, link.sink_id, 0) == -EBUSY, "a link that is in use stays");
	printf("   while it streams, the second cannot take it away: %s\n", mediadev_last_error());
	expect(!mediadev_pipeline_stop(sensor, 0, &pipeline), "what was started can be stopped");
}

struct caller {
	pthread_t thread;
	mediadev_file *file;
	uint32_t request, answer;
	int result;
};

static void *call(void *argument)
{
	struct caller *caller = argument;

	caller->result = mediadev_file_ioctl(caller->file, caller->request, &caller->answer);
	return NULL;
}

static void unregister_under_calls(struct camera *camera, mediadev_file *first, mediadev_file *second)
{
	struct caller runs = {.file = first, .request = CAMERA_TEST}, sleeps = {.file = second, .request = CAMERA_FRAME};

	expect(!pthread_create(&runs.thread, NULL, call, &runs) && !pthread_create(&sleeps.thread, NULL, call, &sleeps),
	       "threads can be made");
	sem_wait(&camera->test_runs);
	usleep(100 * 1000);
	printf("   a call of the first runs in the driver, one of the second sleeps until there is a frame\n");

	expect(mediadev_unregister(device) == 0, "unregistering waits for nobody");
	pthread_join(sleeps.thread, NULL);
	expect(sleeps.result == -ENODEV, "who sleeps is woken");
	printf("   unregistered: the sleeper got \"%s\"\n", strerror(-sleeps.result));
	expect(mediadev_drain(device, 0) == -ETIMEDOUT, "a call that runs is not torn off");
	sem_post(&camera->test_may_end);
	pthread_join(runs.thread, NULL);
	expect(runs.result == 0 && runs.answer == 1, "a call that runs ends as it would have");
	expect(mediadev_drain(device, 1000) == 0, "the end of the last call can be waited for");
	printf("   the call that ran has ended as it would have, on memory that was there\n");
}

static void nothing_begins(mediadev_file *first, mediadev_file *second)
{
	uint32_t answer;

	expect(!mediadev_file_open(device) && errno == ENODEV, "a device that is gone cannot be opened");
	printf("   opening it: %s\n", mediadev_last_error());
	expect(mediadev_file_ioctl(second, CAMERA_COUNT, &answer) == -ENODEV, "no call begins");
	printf("   a call: %s\n", mediadev_last_error());
	expect(mediadev_file_poll(first, -1) == (POLLERR | POLLHUP), "poll says that it is over");
	expect(mediadev_unregister(device) == 0 && mediadev_register(device) == -EBUSY, "its life in public is over");
}

/* Who has the device, of all that is held. */
static void show_holders(void)
{
	char *holders, *who;
	int number = 0;

	expect(mediadev_holders(&holders) > 0, "holders can be listed");
	for (char *line = strtok(holders, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, "mediadev_device ") && (who = strstr(line, "held by"))) {
			printf("   with tracking on one can ask: %s\n", who);
			expect(!strstr(who, DRIVER), "who has put does not hold");
			number++;
		}
	mediadev_free(holders);
	expect(number == 3, "exactly two handles and an entity hold the device");
}

static void all_let_go(mediadev_file *first, mediadev_file *second)
{
	mediadev_set_tag(DRIVER);
	mediadev_device_put(device);
	mediadev_set_tag(NULL);
	printf("   the driver has put the device; it stays, for others have it\n");
	show_holders();
	mediadev_file_close(second);
	mediadev_file_close(first);
	expect(!strcmp(ends, "cc"), "handles are closed by those who have them");
	expect(!strcmp(mediadev_entity_name(sensor), "sensor"), "an entity that is held keeps its device");
	printf("   the sensor is still held, and with it everything; now it is put\n");
	mediadev_entity_put(sensor);
	expect(!strcmp(ends, "ccbgma"), "the end comes once, and in order");
}

int main(void)
{
	char *holders;

	mediadev_set_tracking(1);
	step("A camera is registered, in this process");
	struct camera *camera = plug_in();
	step("It is opened twice");
	mediadev_file *first = open_as(FIRST), *second = open_as(SECOND);
	two_look(first, second);
	step("It is unregistered under a running call, and under one that sleeps");
	unregister_under_calls(camera, first, second);
	step("Nothing begins any more");
	nothing_begins(first, second);
	step("One after the other lets go");
	all_let_go(first, second);

	step("Everything has been put");
	expect(mediadev_holders(&holders) == 0, "nothing is held any more");
	mediadev_free(holders);
	printf("   the camera went under a running call, and was released once, last, and in order\n");
}
