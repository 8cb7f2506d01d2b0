/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * boot BASE.dtb CONFIG FOLDER OUT.dtb: what a boot loader does before it starts a kernel. A board's devicetree, and the overlays that a
 * configuration file names, become one blob.
 *
 *     # a comment
 *     dtparam=i2c=on                   a parameter of the base, for no overlay came yet
 *     dtoverlay=eeprom,address=0x51    FOLDER/eeprom.dtbo, with a parameter
 *     dtparam=wp=7,readonly            two more for the same overlay
 *     dtoverlay=                       what follows is for the base again
 *
 * Labels of an overlay are its own, but for those in its /__exports__, so that one can be there twice. It is told with its line what
 * became of each overlay, and every problem; OUT.dtb is written as a whole, and only if there was no problem.
 */
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

enum { PARTS = 64, SETTINGS = 64 };

/* An overlay with its parameters, or as the first one the base. */
struct part {
	const char *name;
	int line;
	const char *settings[SETTINGS];
	int lines[SETTINGS];
	size_t count;
};

static const char *config;
static struct part parts[PARTS];
static int num_parts = 1, problems;

__attribute__((format(printf, 2, 3))) static void problem(int line, const char *format, ...)
{
	va_list arguments;

	if (line)
		fprintf(stderr, "%s:%d: ", config, line);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	problems++;
}

/* "key=value,key,…", of which nothing is copied. */
static void add_settings(struct part *part, int line, char *list)
{
	for (char *setting; (setting = strsep(&list, ","));) {
		if (!*setting || *setting == '=') {
			problem(line, "a parameter without a name");
		} else if (part->count == SETTINGS) {
			problem(line, "more than %d parameters for %s", SETTINGS, part->name);
		} else {
			part->lines[part->count] = line;
			part->settings[part->count++] = setting;
		}
	}
}

static void read_line(char *text, int line)
{
	static struct part *part = parts;
	char *value = text;

	text[strcspn(text, "\r")] = '\0';
	text += strspn(text, " \t");
	if (!*text || *text == '#')
		return;
	const char *key = strsep(&value, "=");
	key += strspn(key, " \t");
	if (!value || (strcmp(key, "dtoverlay") && strcmp(key, "dtparam"))) {
		problem(line, "\"%s\" is neither dtoverlay= nor dtparam=", key);
	} else if (!strcmp(key, "dtparam")) {
		add_settings(part, line, value);
	} else if (!*value) {
		part = parts;
	} else if (num_parts == PARTS) {
		problem(line, "more than %d overlays", PARTS - 1);
	} else {
		part = &parts[num_parts++];
		part->line = line;
		part->name = strsep(&value, ",");
		if (value)
			add_settings(part, line, value);
	}
}

/* A new blob with the parameters of this part set. If one cannot be set, that is told with its line. */
static void *set_params(const struct part *part, const void *blob, size_t *size)
{
	int before = problems;
	size_t length;
	void *made;

	if (!ovl_fdt_set_params(blob, *size, part->name, part->settings, part->count, &made, &length)) {
		*size = length;
		return made;
	}
	char *sentence = strdup(ovl_last_error());
	/* Which of them was it? */
	for (size_t i = 0; i < part->count; i++) {
		if (ovl_fdt_set_params(blob, *size, part->name, &part->settings[i], 1, &made, &length))
			problem(part->lines[i], "%s", ovl_last_error());
		else
			ovl_free(made);
	}
	if (problems == before)
		problem(part->line, "%s", sentence);
	free(sentence);
	return NULL;
}

/* A file that is a devicetree blob, to be freed, or NULL after a problem was told. */
static void *load(const struct part *part, const char *path, size_t *size)
{
	void *blob = read_file(path, size);

	if (blob && !ovl_fdt_check(blob, *size))
		return blob;
	problem(part->line, "%s: %s", path, blob ? ovl_last_error() : strerror(errno));
	free(blob);
	return NULL;
}

/* Without its parameters, if they cannot be set: so the problems of overlays are told too. */
static ovl_tree *load_base(const char *path)
{
	size_t size;
	void *file = load(parts, path, &size);
	void *blob = file ? set_params(parts, file, &size) : NULL;
	ovl_tree *tree = blob ? ovl_tree_from_fdt(blob, size, 0) : file ? ovl_tree_from_file(path, 0) : NULL;

	if (file && !tree)
		give_up(path);
	ovl_free(blob);
	free(file);
	return tree;
}

static void apply(ovl_tree *tree, const struct part *part, const char *folder)
{
	struct ovl_apply_options options = {.size = sizeof(options), .name = part->name};
	char path[4096];
	size_t size;

	snprintf(path, sizeof(path), "%s/%s.dtbo", folder, part->name);
	void *file = load(part, path, &size);
	void *blob = file ? set_params(part, file, &size) : NULL;
	free(file);
	if (!blob)
		return;
	if (ovl_overlay_apply(tree, blob, size, &options, NULL)) {
		problem(part->line, "%s", ovl_last_error());
	} else {
		printf("%s:%d: %s: applied", config, part->line, part->name);
		for (size_t i = 0; i < part->count; i++)
			printf("%s%s", i ? ", " : ", with ", part->settings[i]);
		putchar('\n');
	}
	ovl_free(blob);
}

/* Beside the file first: who boots never finds half of it. */
static int write_out(const void *blob, size_t size, const char *path)
{
	char beside[4096];

	snprintf(beside, sizeof(beside), "%s.new", path);
	FILE *file = fopen(beside, "wb");
	int failed = !file || fwrite(blob, 1, size, file) != size || fflush(file) || fsync(fileno(file));
	if (file && fclose(file))
		failed = 1;
	if (failed || rename(beside, path)) {
		perror(beside);
		unlink(beside);
		return -1;
	}
	printf("%s: %d overlays, %zu bytes\n", path, num_parts - 1, size);
	return 0;
}

int main(int argc, char **argv)
{
	size_t size;
	char *text, *next;
	void *blob;

	if (argc != 5)
		return fprintf(stderr, "usage: boot BASE.dtb CONFIG FOLDER OUT.dtb\n"), 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	config = argv[2];
	parts[0].name = argv[1];
	if (!(text = read_file(config, &size)) || !(next = strndup(text, size)))
		return perror(config), 1;
	free(text);
	text = next;
	for (int line = 1; next; line++)
		read_line(strsep(&next, "\n"), line);

	ovl_tree *tree = load_base(argv[1]);
	for (int i = 1; tree && i < num_parts; i++)
		apply(tree, &parts[i], argv[3]);

	if (problems)
		fprintf(stderr, "%s is not written: problems: %d\n", argv[4], problems);
	else if (ovl_tree_to_fdt(tree, &blob, &size))
		give_up(argv[4]);
	else {
		problems = write_out(blob, size, argv[4]) != 0;
		ovl_free(blob);
	}
	ovl_tree_put(tree);
	free(text);
	return problems != 0;
}
