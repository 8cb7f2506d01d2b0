/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Simulated GPIO chips (gpio-sim) for kernel tests, made through configfs; needs root and tests/vm. On top of tap.h:
 *
 *     struct sim sim;
 *     sim_create(&sim, "board", 8);           // a chip with this label and so many lines, not yet there
 *     sim_name(&sim, 3, "LED");               // before it is there
 *     sim_hog(&sim, 4, "boot", "input");      // likewise; "output-low", "output-high"
 *     sim_live(&sim, 1);                      // now it is: sim.chip is "gpiochip0", sim.path its node
 *     sim_pull(&sim, 3, 1);                   // as if the wire went high
 *     ok_int(sim_value(&sim, 3), 1);          // what the wire has
 *     sim_live(&sim, 0);                      // unplugged; alive again, it may have another number
 *     sim_destroy(&sim);
 *
 * What cannot be done fails the TEST. A chip that a failed TEST left behind goes when the program ends.
 */
#ifndef SIM_H
#define SIM_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tap.h"

#define SIM_CONFIG "/sys/kernel/config/gpio-sim"

struct sim {
	char config[128]; /* its folder in configfs */
	char device[32];  /* the platform device, while it is there */
	char chip[32];    /* the name of its chip, likewise */
	char path[64];    /* the chip's node, likewise */
};

/* Milliseconds. */
static void sim_sleep(unsigned milliseconds)
{
	usleep(milliseconds * 1000);
}

/* 0, or the errno why this file cannot be written. */
static int sim_try_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

__attribute__((format(printf, 3, 4))) static void sim_write(const struct sim *sim, const char *text, const char *format,
							     ...)
{
	char file[64], path[PATH_MAX];
	va_list arguments;
	int error;

	va_start(arguments, format);
	vsnprintf(file, sizeof(file), format, arguments);
	va_end(arguments);
	snprintf(path, sizeof(path), "%s/%s", sim->config, file);
	error = sim_try_write(path, text);
	if (error)
		tap_fail("cannot write \"%s\" to %s: %s", text, path, strerror(error));
}

/* The first word of a file. */
static void sim_read(const char *path, char *text, int size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	if (length < 0)
		tap_fail("cannot read %s: %s", path, strerror(errno));
	text[length < 0 ? 0 : length] = 0;
	text[strcspn(text, "\n")] = 0;
}

__attribute__((format(printf, 2, 3))) static void sim_folder(const struct sim *sim, const char *format, ...)
{
	char folder[64], path[PATH_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(folder, sizeof(folder), format, arguments);
	va_end(arguments);
	snprintf(path, sizeof(path), "%s/%s", sim->config, folder);
	if (mkdir(path, 0755) && errno != EEXIST)
		tap_fail("cannot make %s: %s", path, strerror(errno));
}

/* A folder of configfs: first those below that mkdir() made; the others go by themselves. */
static void sim_remove_folder(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			sim_remove_folder(fd, entry->d_name);
	if (dir)
		closedir(dir);
	unlinkat(parent, name, AT_REMOVEDIR);
}

static void sim_remove(const char *config)
{
	char live[PATH_MAX];

	snprintf(live, sizeof(live), "%.200s/live", config);
	sim_try_write(live, "0");
	sim_remove_folder(AT_FDCWD, config);
}

/* What this program made and did not destroy. */
__attribute__((destructor)) static void sim_remove_leftovers(void)
{
	DIR *dir = opendir(SIM_CONFIG);
	struct dirent *entry;
	char own[32], path[PATH_MAX];

	snprintf(own, sizeof(own), "test-%d-", getpid());
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, own, strlen(own)))
			continue;
		snprintf(path, sizeof(path), SIM_CONFIG "/%s", entry->d_name);
		sim_remove(path);
	}
	if (dir)
		closedir(dir);
}

__attribute__((unused)) static void sim_create(struct sim *sim, const char *label, unsigned lines)
{
	static int count;
	char number[16];

	memset(sim, 0, sizeof(*sim));
	snprintf(sim->config, sizeof(sim->config), SIM_CONFIG "/test-%d-%d", getpid(),
		 __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED));
	if (mkdir(sim->config, 0755))
		tap_fail("cannot make %s: %s (kernel tests need root and gpio-sim: `make check-kernel`)", sim->config,
			 strerror(errno));
	sim_folder(sim, "bank");
	snprintf(number, sizeof(number), "%u", lines);
	sim_write(sim, number, "bank/num_lines");
	sim_write(sim, label, "bank/label");
}

__attribute__((unused)) static void sim_name(struct sim *sim, unsigned offset, const char *name)
{
	sim_folder(sim, "bank/line%u", offset);
	sim_write(sim, name, "bank/line%u/name", offset);
}

__attribute__((unused)) static void sim_hog(struct sim *sim, unsigned offset, const char *consumer,
					    const char *direction)
{
	sim_folder(sim, "bank/line%u", offset);
	sim_folder(sim, "bank/line%u/hog", offset);
	sim_write(sim, consumer, "bank/line%u/hog/name", offset);
	sim_write(sim, direction, "bank/line%u/hog/direction", offset);
}

/* Plugs the chip in, until its node is there, or out, until its node is gone. */
__attribute__((unused)) static void sim_live(struct sim *sim, int live)
{
	char file[PATH_MAX];
	int tries = 0;

	sim_write(sim, live ? "1" : "0", "live");
	if (live) {
		snprintf(file, sizeof(file), "%s/dev_name", sim->config);
		sim_read(file, sim->device, sizeof(sim->device));
		snprintf(file, sizeof(file), "%s/bank/chip_name", sim->config);
		sim_read(file, sim->chip, sizeof(sim->chip));
		snprintf(sim->path, sizeof(sim->path), "/dev/%s", sim->chip);
	}
	while (access(sim->path, live ? R_OK | W_OK : F_OK) != (live ? 0 : -1)) {
		if (tries++ == 1000)
			tap_fail("%s: %s", sim->path, live ? "did not come" : "did not go");
		sim_sleep(10);
	}
}

static void sim_line(const struct sim *sim, unsigned offset, const char *what, char *path)
{
	snprintf(path, PATH_MAX, "/sys/devices/platform/%s/%s/sim_gpio%u/%s", sim->device, sim->chip, offset, what);
}

/* What stands at the wire, as far as we do not drive the line. */
__attribute__((unused)) static void sim_pull(const struct sim *sim, unsigned offset, int up)
{
	char path[PATH_MAX];
	int error;

	sim_line(sim, offset, "pull", path);
	error = sim_try_write(path, up ? "pull-up" : "pull-down");
	if (error)
		tap_fail("cannot write to %s: %s", path, strerror(error));
}

/* What the wire has: what we drive it to, or the pull. */
__attribute__((unused)) static int sim_value(const struct sim *sim, unsigned offset)
{
	char path[PATH_MAX], value[8];

	sim_line(sim, offset, "value", path);
	sim_read(path, value, sizeof(value));
	return value[0] == '1';
}

__attribute__((unused)) static void sim_destroy(struct sim *sim)
{
	sim_remove(sim->config);
	if (!access(sim->config, F_OK))
		tap_fail("%s could not be removed", sim->config);
	sim->config[0] = 0;
}

#endif
