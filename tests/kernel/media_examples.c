/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The examples of libmediadev on devices of the kernel, with the tools of v4l-utils as witnesses. */
#include "program.h"
#include "vimc.h"

#include <sys/ioctl.h>

#define EXAMPLE(name) EXAMPLES "/mediadev/" name " "
#define PIPELINE EXAMPLE("camera_pipeline") "vimc 'Sensor B' 'RGB/YUV Capture' SRGGB8_1X8/320x240 "

static char said[32768];

/* A command's output, errors included, is in `said`; its exit code. */
static int run(const char *command)
{
	char all[1024];

	snprintf(all, sizeof(all), "%s 2>&1", command);
	FILE *pipe = popen(all, "re");
	ok(pipe);
	said[fread(said, 1, sizeof(said) - 1, pipe)] = '\0';
	int status = pclose(pipe);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The device node of an entity of vimc, as media-ctl has it. */
static void node_of(const char *entity, char path[64])
{
	mediadev_node *vimc = vimc_open();
	char words[64];

	snprintf(words, sizeof(words), "-e '%s'", entity);
	media_ctl(vimc, words, path, 64);
	path[strcspn(path, "\n")] = '\0';
	mediadev_node_put(vimc);
}

static int vimc_says(const char *line)
{
	mediadev_node *vimc = vimc_open();

	media_ctl(vimc, "-p", said, sizeof(said));
	mediadev_node_put(vimc);
	return strstr(said, line) != NULL;
}

/* v4l2-ctl captures from the end of the pipeline; so many frames, or for ever with 0. What is at the sensor's other link has to fit too. */
static void stream_command(int frames, char command[512])
{
	char capture[64], raw[64];

	node_of("RGB/YUV Capture", capture);
	node_of("Raw Capture 1", raw);
	snprintf(command, 512, "v4l2-ctl -d %s --set-fmt-video=width=320,height=240,pixelformat=RGGB", raw);
	ok0(run(command));
	snprintf(command, 512, "v4l2-ctl -d %s --set-fmt-video=width=320,height=240,pixelformat=RGB3 --stream-mmap --stream-count=%d 2>&1",
		 capture, frames);
}

/* Streams once there is a first frame. */
static struct program stream(void)
{
	char command[512];
	struct program streams;

	stream_command(0, command);
	streams = start(command);
	ok_int(fgetc(streams.out), '<');
	return streams;
}

static void stop(struct program *streams)
{
	kill(streams->pid, SIGKILL);
	ends(streams, said, sizeof(said));
}

TEST("M12 M14 the example camera_pipeline sets up a camera that streams")
{
	static const char *const entities[] = {"Sensor B", "Debayer B", "Scaler", "RGB/YUV Capture"};
	static const char *const formats[] = {" SRGGB8_1X8/320x240", " RGB888_1X24/320x240", " RGB888_1X24/320x240", ""};
	char want[1024] = "", path[64], command[512];

	ok0(run("media-ctl -d platform:vimc -r"));
	ok0(run("media-ctl -d platform:vimc -l \"'Debayer A':1->'Scaler':0[1]\""));
	for (int i = 0; i < 4; i++) {
		node_of(entities[i], path);
		snprintf(want + strlen(want), sizeof(want) - strlen(want), "%-20s %s%s\n", entities[i], path, formats[i]);
	}
	/* By the model. */
	ok0(run(EXAMPLE("camera_pipeline") "'VIMC MDEV' 'Sensor B' '*YUV Cap*' SRGGB8_1X8/320x240"));
	ok_str(said, want);
	ok(vimc_says("<- \"Debayer B\":1 [ENABLED]\n"));
	ok(vimc_says("<- \"Debayer A\":1 []\n"));
	stream_command(3, command);
	ok0(run(command));
	ok_contains(said, "<<<");
	/* Again, when all is as it should be. */
	ok0(run(PIPELINE));
	ok_str(said, want);
}

TEST("the example camera_pipeline waits for who streams")
{
	struct program streams, pipeline;

	ok0(run(PIPELINE));
	streams = stream();
	ok_int(run(PIPELINE), 3);
	ok_contains(said, "Device or resource busy");
	ok_int(run(EXAMPLE("camera_pipeline") "vimc 'Sensor A' 'RGB/YUV Capture' SRGGB8_1X8/320x240 1"), 3);
	pipeline = start(PIPELINE "60 2>&1");
	ok(fgets(said, sizeof(said), pipeline.out));
	ok_contains(said, "Device or resource busy (os error 16); trying again\n");
	stop(&streams);
	ok_int(ends(&pipeline, said, sizeof(said)), 0);
	ok_contains(said, "Sensor B ");
}

TEST("M13 the example camera_pipeline says that its device has gone in the middle of it")
{
	struct program streams, pipeline;

	ok0(run(PIPELINE));
	streams = stream();
	pipeline = start(PIPELINE "60 2>&1");
	ok(fgets(said, sizeof(said), pipeline.out));
	ok_contains(said, "trying again");
	vimc_driver("unbind");
	ok_int(ends(&pipeline, said, sizeof(said)), 4);
	ok_contains(said, "(platform:vimc): MEDIA_IOC_G_TOPOLOGY: the device is gone\n");
	stop(&streams);
	vimc_driver("bind");
	mediadev_node_put(vimc_open());
}

TEST("the example camera_pipeline says what is wrong")
{
	ok_int(run(EXAMPLE("camera_pipeline") "vimc 'Sensor A' 'Raw Capture 1' SRGGB8_1X8/320x240"), 1);
	ok_str(said, "camera_pipeline: no links lead from this sensor to this capture\n");
	ok_int(run(EXAMPLE("camera_pipeline") "vimc 'Sensor C' 'Raw Capture 1' SRGGB8_1X8/320x240"), 1);
	ok_str(said, "camera_pipeline: no entity is called \"Sensor C\"\n");
	ok_int(run(EXAMPLE("camera_pipeline") "vimc 'Sensor A' 'Raw Capture 0' BEST/320x240"), 1);
	ok_contains(said, "BEST");
	ok_int(run(EXAMPLE("camera_pipeline") "'A model' 'Sensor A' 'Raw Capture 0' SRGGB8_1X8/320x240"), 1);
	ok_contains(said, "\"A model\"");
}

TEST("M11 M6 the example fake_camera is a device for media-ctl, and goes under who has it open")
{
	struct program camera = start(EXAMPLE("fake_camera") "media72");
	struct media_device_info info;

	says(&camera, "/dev/media72 is a camera");
	ok0(run("media-ctl -d /dev/media72 -p"));
	ok_contains(said, "driver          fake_camera\n");
	ok_contains(said, "- entity 5: Bridge (3 pads, 3 links)\n");
	ok_contains(said, "\t\t<- \"Left sensor\":0 []\n");
	ok0(run("media-ctl -d /dev/media72 -l \"'Left sensor':0 -> 'Bridge':0 [1]\""));
	ok(run("media-ctl -d /dev/media72 -l \"'Right sensor':0 -> 'Bridge':1 [1]\"") != 0);
	ok_contains(said, "Device or resource busy");
	ok0(run("media-ctl -d /dev/media72 -p"));
	ok_contains(said, "\t\t<- \"Left sensor\":0 [ENABLED]\n");
	ok_contains(said, "\t\t<- \"Right sensor\":0 []\n");
	ok0(run("media-ctl -d /dev/media72 -r"));
	ok0(run("media-ctl -d /dev/media72 -l \"'Right sensor':0 -> 'Bridge':1 [1]\""));

	int held = open("/dev/media72", O_RDWR | O_CLOEXEC);
	ok0(ioctl(held, MEDIA_IOC_DEVICE_INFO, &info));
	ok_str(info.model, "Fake camera");
	ok0(kill(camera.pid, SIGTERM));
	for (int tries = 0; !access("/dev/media72", F_OK); tries++, usleep(10000))
		ok(tries < 6000);
	ok_int(ioctl(held, MEDIA_IOC_DEVICE_INFO, &info), -1);
	ok_int(errno, ENODEV);
	ok0(kill(camera.pid, 0));
	close(held);
	ok_int(ends(&camera, said, sizeof(said)), 0);
	ok_contains(said, "Bridge: pad 0 is connected\n");
	ok_contains(said, "Bridge: pad 1 is refused, for pad 0 is in use\n");
	ok_contains(said, "Bridge: pad 0 is disconnected\n");
	ok_contains(said, "unregistered\nclosed\nfreed\n");
}

TEST("the example fake_camera ends at the second signal, whoever has it open")
{
	struct program camera = start(EXAMPLE("fake_camera") "media73");

	says(&camera, "/dev/media73 is a camera");
	int held = open("/dev/media73", O_RDWR | O_CLOEXEC);
	ok(held >= 0);
	ok0(kill(camera.pid, SIGINT));
	says(&camera, "opened");
	says(&camera, "unregistered");
	ok0(kill(camera.pid, SIGINT));
	ok_int(ends(&camera, said, sizeof(said)), -SIGINT);
	close(held);
}

TEST("M12 the example media_graph lists devices, and draws them as media-ctl does")
{
	static char want[sizeof(said)];

	ok0(run(EXAMPLE("media_graph")));
	ok_contains(said, ": VIMC MDEV, driver vimc at platform:vimc\n");
	ok0(run("media-ctl -d platform:vimc --print-dot"));
	strcpy(want, said);
	ok0(run(EXAMPLE("media_graph") "vimc"));
	ok_str(said, want);
	ok_int(run(EXAMPLE("media_graph") "nothing"), 1);
}

TEST("M13 the example media_watch says who comes and goes")
{
	mediadev_node *vimc = vimc_open();
	struct program watch = start(EXAMPLE("media_watch"));
	char here[128], gone[128];

	snprintf(here, sizeof(here), "here /dev/%s: VIMC MDEV, driver vimc at platform:vimc\n", mediadev_node_name(vimc));
	snprintf(gone, sizeof(gone), "gone /dev/%s: VIMC MDEV, driver vimc at platform:vimc", mediadev_node_name(vimc));
	mediadev_node_put(vimc);
	do {
		ok(fgets(said, sizeof(said), watch.out));
	} while (strcmp(said, here));
	vimc_driver("unbind");
	says(&watch, gone);
	vimc_driver("bind");
	here[strlen(here) - 1] = '\0';
	says(&watch, here);
	ended_by_signal(&watch);
	mediadev_node_put(vimc_open());
}
