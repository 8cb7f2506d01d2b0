/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The examples do what they say, and give up with the library's sentence where they cannot. */
#include "fixtures.h"

#define LIBRARY "ovl"
#include "examples.h"

#define BOARDS DTS_DIR "/boards"
#define THERMOMETER "/soc/i2c@30000/thermometer@48"
#define ARGUMENTS BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo " THERMOMETER

TEST("O18 the example apply_remove")
{
	ok0(run(EXAMPLE("apply_remove") ARGUMENTS));
	ok_contains(said, "removed, still readable");
	ok_int(run(EXAMPLE("apply_remove") "/nowhere " BOARDS "/sensor-hat.dtbo / 2>&1"), 1);
	ok_contains(said, "/nowhere: No such file or directory");
	ok_int(run(EXAMPLE("apply_remove") BOARDS "/finch.dtb /nowhere / 2>&1"), 1);
	ok_contains(said, "/nowhere: No such file or directory");
	ok_int(run(EXAMPLE("apply_remove") BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo /nowhere 2>&1"), 1);
	ok_contains(said, "/nowhere: no node");
}

TEST("O17 the example hold")
{
	ok0(run(EXAMPLE("hold") ARGUMENTS));
	ok_contains(said, "still held:\noverlay 1");
	ok_contains(said, THERMOMETER ": 1 reference");
}

TEST("K6 the example leak")
{
	ok0(run(EXAMPLE("leak") ARGUMENTS));
	ok_contains(said, "<3> node at 0x");
	ok_contains(said, ": put by the fan, who holds none; the thermal daemon loses the reference\n");
	ok_contains(said, "overlay 1 (" BOARDS "/sensor-hat.dtbo): node " THERMOMETER ": 1 reference (the thermal daemon, thread ");
	ok_int(run(EXAMPLE("leak") BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo /nowhere 2>&1"), 1);
	ok_contains(said, "/nowhere: /nowhere: no node");
}

TEST("O24 the example walk")
{
	ok0(run(EXAMPLE("walk") BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo"));
	ok_contains(said, "            thermometer@48/    <- " BOARDS "/sensor-hat.dtbo\n");
	ok_contains(said, "            clock-frequency (4 bytes)    <- " BOARDS "/sensor-hat.dtbo\n");
	ok_contains(said, "            compatible (19 bytes)\n");
	ok_int(run(EXAMPLE("walk") BOARDS "/finch.dtb " BOARDS "/finch.dtb 2>&1"), 1);
	ok_contains(said, "nothing to apply");
}

TEST("O18 O25 the example migrate")
{
	ok0(run(EXAMPLE("migrate") BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo ti,tmp102"));
	ok_contains(said, "10000 moves, 10000 probes: " THERMOMETER " the first time, " THERMOMETER " the last\n");
	ok_contains(said, "still held:\noverlay 10000 (" BOARDS "/sensor-hat.dtbo): device " THERMOMETER ": 1 reference (");
	ok_contains(said, "the leaky driver, thread ");
	ok_contains(said, "\nall released\n");
	ok_int(run(EXAMPLE("migrate") "/nowhere " BOARDS "/sensor-hat.dtbo x 2>&1"), 1);
	ok_contains(said, "/nowhere: No such file or directory");
}

/* A file of this text, until the program ends. */
static const char *file_of(const char *text)
{
	static char path[64];

	strcpy(path, "/tmp/holdfast-XXXXXX");
	int fd = mkstemp(path);
	ok(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	return path;
}

/* As a configuration of this text says, with what it prints as an error too; its exit code. */
static int boot(const char *text, const char *out)
{
	const char *config = file_of(text);
	char command[4096];

	snprintf(command, sizeof(command), EXAMPLE("boot") BOARDS "/finch.dtb %s " BOARDS " %s 2>&1", config, out);
	int status = run(command);
	unlink(config);
	return status;
}

TEST("O12 O29 the example boot")
{
	char out[64];

	strcpy(out, file_of(""));
	snprintf(said, sizeof(said), EXAMPLE("boot") BOARDS "/finch.dtb " TOP "/examples/boards/config.txt " BOARDS " %s", out);
	char *command = strdup(said);
	ok0(run(command));
	free(command);
	ok_contains(said, "config.txt:7: sensor-hat: applied, with address=0x49\n");
	ok_contains(said, "config.txt:12: eeprom: applied, with address=0x51, wp=7, readonly\n");
	ok_contains(said, ": 3 overlays, ");

	ovl_tree *tree = ovl_tree_from_file(out, 0);
	ok(tree);
	uint32_t pin[3];
	ovl_node *gpio = ovl_node_by_label(tree, "gpio0"), *second = at(tree, "/soc/i2c@30000/eeprom@51");
	ok0(ovl_node_read_u32_array(second, "wp-gpios", pin, 3));
	ok(gpio && pin[0] == ovl_node_phandle(gpio) && pin[1] == 7);
	ok_int(ovl_node_read_bool(second, "read-only"), 1);
	ovl_node_put(second);
	ovl_node_put(gpio);
	gpio = at(tree, "/soc/i2c@30000/eeprom@50");
	ok_int(ovl_node_is_compatible(gpio, "atmel,24c256"), 1);
	ok_int(ovl_node_read_bool(gpio, "wp-gpios"), 0);
	ovl_node_put(gpio);
	ok_int(cell(tree, "/soc/i2c@30000/thermometer@49", "reg"), 0x49);
	ok_int(cell(tree, "/soc/i2c@30000", "clock-frequency"), 400000);
	close_tree(tree);

	ok0(boot("dtparam=i2c_baudrate=200000\n", out));
	tree = ovl_tree_from_file(out, 0);
	ok_int(cell(tree, "/soc/i2c@30000", "clock-frequency"), 200000);
	close_tree(tree);
	unlink(out);
}

TEST("O12 the example boot tells every problem with its line, and writes nothing")
{
	char out[64];

	strcpy(out, file_of(""));
	unlink(out);
	ok_int(boot("dtparam=spi=on\n\ndtoverlay=nowhere\ngpu_mem=16\n"
		    "dtoverlay=eeprom,address=0x52\r\ndtparam=wp=up,type=24c64\ndtparam=size=1\n"
		    "dtoverlay=sensor-hat\ndtoverlay=card\ndtparam=,\ndtoverlay=\ndtparam=i2c=on",
		    out),
	       1);
	ok_contains(said, ":1: devicetree " BOARDS "/finch.dtb: no parameter \"spi\" among i2c, i2c_baudrate\n");
	ok_contains(said, ":3: " BOARDS "/nowhere.dtbo: No such file or directory\n");
	ok_contains(said, ":4: \"gpu_mem\" is neither dtoverlay= nor dtparam=\n");
	ok_contains(said, ":6: overlay eeprom: parameter \"type\"");
	ok_contains(said, ":7: overlay eeprom: no parameter \"size\" among ");
	ok_contains(said, ":8: sensor-hat: applied\n");
	ok_contains(said, ":10: a parameter without a name\n");
	ok_contains(said, " is not written: problems: 7\n");
	ok(access(out, F_OK));

	ok_int(boot("dtoverlay=finch", out), 1);
	ok_contains(said, "finch.dtbo: No such file or directory");
	ok_int(boot("", "/nowhere/out"), 1);
	ok_contains(said, "/nowhere/out.new: No such file or directory");
	ok_int(run(EXAMPLE("boot") "/nowhere /dev/null . out 2>&1"), 1);
	ok_contains(said, "/nowhere: No such file or directory\n");
}

/* The example with this image in its folder, or none. */
static int fpga_region(const char *image)
{
	char folder[] = "/tmp/holdfast-XXXXXX", path[64], command[4096];

	ok(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/serial.bit", folder);
	if (image) {
		FILE *file = fopen(path, "w");
		ok(file && fputs(image, file) >= 0 && !fclose(file));
	}
	snprintf(command, sizeof(command), EXAMPLE("fpga_region") BOARDS "/lark.dtb " BOARDS "/fpga-serial.dtbo %s 2>&1", folder);
	int status = run(command);
	unlink(path);
	rmdir(folder);
	return status;
}

TEST("O17 O18 O20 O21 the example fpga_region")
{
#define DEVICES                                                                            \
	"FPGA: programmed with serial.bit, 22 bytes\n"                                     \
	"a device has come: /fpga-region@c0000000/serial@0\n"                              \
	"a device has come: /fpga-region@c0000000/gpio@1000\n"                             \
	"a device has gone: /fpga-region@c0000000/gpio@1000\n"                             \
	"a device has gone: /fpga-region@c0000000/serial@0\n"                              \
	"FPGA: cleared\n"
	ok0(fpga_region("holdfast,lark-fpga\nXXX"));
	ok_contains(said, DEVICES "the driver still has serial@0\nstill held:\n");
	ok_contains(said, "node /fpga-region@c0000000/serial@0: 1 reference (the driver of the serial port, ");
	ok_contains(said, "FPGA: not programmed with serial.bit: the last devices are still in use\n");
	ok_contains(said, "a listener refuses: Device or resource busy");
	ok_contains(said, "the driver lets go\n" DEVICES);

	ok_int(fpga_region("holdfast,wren-fpga\nXXX"), 1);
	ok_contains(said, "FPGA: not programmed with serial.bit: it is for another part\n");
	ok_contains(said, "a listener refuses: Invalid argument");
	ok_int(fpga_region(""), 1);
	ok_contains(said, "it is for another part\n");
	ok_int(fpga_region(NULL), 1);
	ok_contains(said, "FPGA: not programmed with serial.bit: No such file or directory\n");
	ok(!strstr(said, "a device has come"));
}

TEST("O14 O16 O18 the example demo")
{
	ok0(run(EXAMPLE("demo") BOARDS));
	ok_contains(said, "the tree is what it was, to the byte");
}

#define GUEST BOARDS "/guest.dtb "

TEST("O19 the example loader")
{
	char out[64], command[4096];
	uint32_t cells[4];
	uint64_t start, end;

	strcpy(out, file_of(""));
	snprintf(command, sizeof(command),
		 EXAMPLE("loader") "-m 16 -a 'console=ttyAMA0 ro' -i %s -v 2 -d " BOARDS "/guest-nic.dtbo -r 64 " GUEST "%s",
		 TOP "/LICENSE-APACHE", out);
	ok0(run(command));
	ok_contains(said, "memory 0x40000000, 16777216 bytes; devicetree at 0x40ff0000, ");
	ok_contains(said, "the tree is ready for the next guest\n");

	ovl_tree *tree = ovl_tree_from_file(out, 0);
	ok(tree);
	ovl_node *node = at(tree, "/memory@40000000");
	ok0(ovl_node_read_u32_array(node, "reg", cells, 4));
	ok(cells[0] == 0 && cells[1] == 0x40000000 && cells[2] == 0 && cells[3] == 16 << 20);
	ovl_node_put(node);
	node = at(tree, "/chosen");
	ok_int(ovl_node_match_string(node, "bootargs", "console=ttyAMA0 ro"), 0);
	ok_int(ovl_node_match_string(node, "stdout-path", "/serial@9000000"), 0);
	ok0(ovl_node_read_u64(node, "linux,initrd-start", &start));
	ok0(ovl_node_read_u64(node, "linux,initrd-end", &end));
	FILE *initrd = fopen(TOP "/LICENSE-APACHE", "r");
	ok(initrd && !fseek(initrd, 0, SEEK_END));
	ok_int(end - start, ftell(initrd));
	fclose(initrd);
	ok(start % 4096 == 0 && end <= 0x40fe0000);
	ovl_node_put(node);
	ok(is_there(tree, "/reserved-memory/monitor@40fe0000"));
	ok(is_there(tree, "/virtio_mmio@a000000") && is_there(tree, "/virtio_mmio@a000200"));
	node = at(tree, "/passthrough/ethernet@c000000");
	ok_int(ovl_node_is_available(node), 1);
	ok0(ovl_node_read_u32_array(node, "interrupts", cells, 3));
	ok(cells[0] == 0 && cells[1] == 48 && cells[2] == 4);
	ok0(ovl_node_phandle_args(node, "clocks", "#clock-cells", 0, NULL, NULL, NULL));
	ovl_node_put(node);
	close_tree(tree);
	unlink(out);
}

TEST("O19 the example loader loads nothing that does not fit")
{
	ok_int(run(EXAMPLE("loader") "-b 1000 " GUEST "/nowhere/out 2>&1"), 1);
	ok_contains(said, "the devicetree: 1");
	ok_contains(said, ", and there is room for 1000\n");
	ok_int(run(EXAMPLE("loader") "-m 1 -r 1024 " GUEST "/nowhere/out 2>&1"), 1);
	ok_contains(said, "the reserved memory: 1048576, and there is room for 983040\n");
	ok_int(run(EXAMPLE("loader") GUEST "/nowhere/out 2>&1"), 1);
	ok_contains(said, "/nowhere/out: No such file or directory\n");
	ok_int(run(EXAMPLE("loader") BOARDS "/finch.dtb /nowhere/out 2>&1"), 1);
	ok_contains(said, "the base has 1 and 1 cells for addresses and sizes, not 2 and 2\n");
	ok_int(run(EXAMPLE("loader") "-d " BOARDS "/display.dtbo " GUEST "/nowhere/out 2>&1"), 1);
	ok_contains(said, "label \"spi0\"");
	ok_int(run(EXAMPLE("loader") "-v many " GUEST "/nowhere/out 2>&1"), 1);
	ok_contains(said, "-v: many is no number\n");
}

TEST("O20 O21 the example listen")
{
	ok0(run(EXAMPLE("listen") BOARDS "/finch.dtb " BOARDS "/sensor-hat.dtbo"));
	ok_contains(said, "about to be applied: ");
	ok_contains(said, "  new node: " THERMOMETER "  (a device has come)\n");
	ok_contains(said, "a listener refuses: Operation not permitted");
	ok_contains(said, "  node gone: " THERMOMETER "  (a device has gone)\n");
	ok_contains(said, "nobody listens any more\n");
}

TEST("O22 O25 the example card")
{
	static const char once[] = "  the driver has /soc/card@70000\n  the driver has /soc/card@70000/eeprom@50\n"
				   "unplugged, 2\n"
				   "  the driver leaves /soc/card@70000/eeprom@50\n  the driver leaves /soc/card@70000\n";

	ok0(run(EXAMPLE("card") BOARDS "/finch.dtb " BOARDS "/card.dtbo " BOARDS "/card-inside.dtbo"));
	ok_contains(said, "plugged in, 2\n");
	ok_str(strstr(said, "plugged in, 2\n") + strlen("plugged in, 2\n"), once);
	ok_int(run(EXAMPLE("card") BOARDS "/finch.dtb " BOARDS "/card.dtbo /nowhere 2>&1"), 1);
	ok_contains(said, "/nowhere: No such file or directory");
}

TEST("O19 the example replace")
{
	ok0(run(EXAMPLE("replace") BOARDS "/finch.dtb"));
	ok_contains(said, "held: 500, in force: 9999\n2 are held:\n");
}
