/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* libgpiod 2 opens chips by path and finds lines of one chip: going through /dev is the program's. */
#ifndef FIND_H
#define FIND_H

#include <gpiod.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The chip that has a line of this name, and the line's number; or with this label, where `offset` is NULL. */
static inline struct gpiod_chip *find_chip(const char *name, int *offset)
{
	struct gpiod_chip *found = NULL;
	glob_t paths;

	if (glob("/dev/gpiochip*", 0, NULL, &paths))
		return NULL;
	for (size_t i = 0; i < paths.gl_pathc && !found; i++) {
		struct gpiod_chip *chip = gpiod_chip_open(paths.gl_pathv[i]);
		struct gpiod_chip_info *info = chip ? gpiod_chip_get_info(chip) : NULL;

		if (!info)
			continue;
		int is_it = offset ? (*offset = gpiod_chip_get_line_offset_from_name(chip, name)) >= 0
				   : !strcmp(gpiod_chip_info_get_label(info), name);
		gpiod_chip_info_free(info);
		if (is_it)
			found = chip;
		else
			gpiod_chip_close(chip);
	}
	globfree(&paths);
	return found;
}

/* Requests lines with the same settings, and frees the settings. */
static inline struct gpiod_line_request *request(struct gpiod_chip *chip, const unsigned int *offsets, size_t count,
						  struct gpiod_line_settings *settings, const char *consumer)
{
	struct gpiod_line_config *lines = gpiod_line_config_new();
	struct gpiod_request_config *config = gpiod_request_config_new();
	struct gpiod_line_request *made = NULL;

	if (settings && lines && config && !gpiod_line_config_add_line_settings(lines, offsets, count, settings)) {
		gpiod_request_config_set_consumer(config, consumer);
		made = gpiod_chip_request_lines(chip, config, lines);
	}
	gpiod_request_config_free(config);
	gpiod_line_config_free(lines);
	gpiod_line_settings_free(settings);
	return made;
}

#endif
