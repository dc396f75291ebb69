// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree: as much of a pseries machine as a radix Linux kernel needs
 * that is entered without Open Firmware, and nothing that has no reader.
 * What describes the processor is taken from the host's own tree, so that it
 * is true for the processor we run on.
 */
#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <libfdt.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "vmm.h"

#define FDT_SIZE	0x10000
#define RTAS_SIZE	0x1000
#define HOST_CPUS	"/proc/device-tree/cpus"
#define ICP_PHANDLE	1

static const char *const cpu_properties[] = {
	"cpu-version", "clock-frequency", "timebase-frequency", "slb-size",
	"ibm,slb-size", "d-cache-block-size", "d-cache-line-size", "d-cache-sets",
	"d-cache-size", "i-cache-block-size", "i-cache-line-size", "i-cache-sets",
	"i-cache-size", "ibm,pa-features", "ibm,processor-radix-AP-encodings",
	"ibm,dec-bits", "ibm,segment-page-sizes", "ibm,processor-segment-sizes",
	"ibm,vmx", "ibm,dfp", "ibm,purr", "ibm,spurr", "general-purpose", "64-bit",
};

/* Functions that pseries Linux looks for; see ibm,hypertas-functions in PAPR. */
static const char hypertas[] =
	"hcall-term\0hcall-splpar\0hcall-set-mode\0hcall-interrupt\0hcall-vio\0"
	"hcall-cpu\0hcall-debug";

/* mr r4,r3; lis r3,0; ori r3,r3,H_RTAS; sc 1; blr - called big-endian */
static const uint32_t rtas_code[] = {
	0x7c641b78, 0x3c600000, 0x6063f000, 0x44000022, 0x4e800020,
};

static void ok(int ret)
{
	if (ret)
		die(STATUS_BROKEN, "device tree: %s", fdt_strerror(ret));
}

static void host_cpu(char *name, size_t size)
{
	DIR *dir = opendir(HOST_CPUS);
	struct dirent *e;

	snprintf(name, size, "PowerPC,CPU@0");
	while (dir && (e = readdir(dir)))
		if (strchr(e->d_name, '@') && !strncmp(e->d_name, "PowerPC", 7))
			snprintf(name, size, "%s", e->d_name);
	if (dir)
		closedir(dir);
}

static void copy_property(void *fdt, const char *cpu, const char *name)
{
	char path[512], value[1024];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), HOST_CPUS "/%s/%s", cpu, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	size = read(fd, value, sizeof(value));
	close(fd);
	if (size >= 0)
		ok(fdt_property(fdt, name, value, size));
}

static void cpu_node(void *fdt, const char *host, unsigned int n)
{
	uint32_t servers[2] = { htobe32(n), 0 };
	char name[300];

	snprintf(name, sizeof(name), "%.*s@%x", (int)strcspn(host, "@"), host, n);
	ok(fdt_begin_node(fdt, name));
	ok(fdt_property_string(fdt, "device_type", "cpu"));
	ok(fdt_property_string(fdt, "status", "okay"));
	ok(fdt_property_u32(fdt, "reg", n));
	ok(fdt_property_u32(fdt, "ibm,ppc-interrupt-server#s", n));
	ok(fdt_property(fdt, "ibm,ppc-interrupt-gserver#s", servers, 8));
	for (size_t i = 0; i < ARRAY_SIZE(cpu_properties); i++)
		copy_property(fdt, host, cpu_properties[i]);
	ok(fdt_end_node(fdt));
}

static void cpus(void *fdt, unsigned int count)
{
	char host[256];

	host_cpu(host, sizeof(host));
	ok(fdt_begin_node(fdt, "cpus"));
	ok(fdt_property_u32(fdt, "#address-cells", 1));
	ok(fdt_property_u32(fdt, "#size-cells", 0));
	for (unsigned int n = 0; n < count; n++)
		cpu_node(fdt, host, n);
	ok(fdt_end_node(fdt));
}

static void memory(void *fdt, const struct slot *s)
{
	uint64_t reg[2] = { htobe64(s->real), htobe64(s->size) };
	char name[40];

	snprintf(name, sizeof(name), "memory@%lx", (long)s->real);
	ok(fdt_begin_node(fdt, name));
	ok(fdt_property_string(fdt, "device_type", "memory"));
	ok(fdt_property(fdt, "reg", reg, sizeof(reg)));
	ok(fdt_end_node(fdt));
}

/* As QEMU does: without it Linux mixes its pool anew for each random number. */
static void seed(void *fdt)
{
	uint8_t bytes[32];

	if (getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes))
		ok(fdt_property(fdt, "rng-seed", bytes, sizeof(bytes)));
}

static void chosen(void *fdt, struct machine *m)
{
	/* Byte n of the vector is at index n; what is 0 says XICS. */
	const uint8_t vec5[27] = {
		[24] = 0x40,	/* MMU: radix */
		[26] = 0x40,	/* the guest may invalidate translations itself */
	};

	ok(fdt_begin_node(fdt, "chosen"));
	ok(fdt_property_string(fdt, "bootargs", m->o->args));
	ok(fdt_property_string(fdt, "stdout-path", "/vdevice/vty@71000000"));
	ok(fdt_property_string(fdt, "linux,stdout-path", "/vdevice/vty@71000000"));
	if (m->initrd) {
		ok(fdt_property_u64(fdt, "linux,initrd-start", m->initrd));
		ok(fdt_property_u64(fdt, "linux,initrd-end", m->initrd_end));
	}
	ok(fdt_property(fdt, "ibm,architecture-vec-5", vec5, sizeof(vec5)));
	seed(fdt);
	ok(fdt_end_node(fdt));
}

static void rtas(void *fdt, struct machine *m)
{
	ok(fdt_begin_node(fdt, "rtas"));
	ok(fdt_property(fdt, "ibm,hypertas-functions", hypertas, sizeof(hypertas)));
	ok(fdt_property_u32(fdt, "rtas-size", RTAS_SIZE));
	ok(fdt_property_u32(fdt, "rtas-version", 1));
	ok(fdt_property_u32(fdt, "linux,rtas-base", m->rtas));
	ok(fdt_property_u32(fdt, "linux,rtas-entry", m->rtas));
	ok(rtas_tokens(fdt));
	ok(fdt_end_node(fdt));
}

static void interrupts(void *fdt, unsigned int count)
{
	uint32_t range[2] = { 0, htobe32(count) };

	ok(fdt_begin_node(fdt, "interrupt-controller"));
	ok(fdt_property_string(fdt, "device_type",
			       "PowerPC-External-Interrupt-Presentation"));
	ok(fdt_property_string(fdt, "compatible", "IBM,ppc-xicp"));
	ok(fdt_property(fdt, "interrupt-controller", NULL, 0));
	ok(fdt_property(fdt, "ibm,interrupt-server-ranges", range, sizeof(range)));
	ok(fdt_property_u32(fdt, "#interrupt-cells", 2));
	ok(fdt_property_u32(fdt, "phandle", ICP_PHANDLE));
	ok(fdt_property_u32(fdt, "linux,phandle", ICP_PHANDLE));
	ok(fdt_end_node(fdt));
}

static void terminal(void *fdt)
{
	ok(fdt_begin_node(fdt, "vdevice"));
	ok(fdt_property_string(fdt, "device_type", "vdevice"));
	ok(fdt_property_string(fdt, "compatible", "IBM,vdevice"));
	ok(fdt_property_u32(fdt, "#address-cells", 1));
	ok(fdt_property_u32(fdt, "#size-cells", 0));
	ok(fdt_begin_node(fdt, "vty@71000000"));
	ok(fdt_property_string(fdt, "device_type", "serial"));
	ok(fdt_property_string(fdt, "compatible", "hvterm1"));
	ok(fdt_property_u32(fdt, "reg", 0x71000000));
	ok(fdt_end_node(fdt));
	ok(fdt_end_node(fdt));
}

static void root(void *fdt, struct machine *m)
{
	ok(fdt_property_string(fdt, "device_type", "chrp"));
	ok(fdt_property_string(fdt, "model", "nhv small VMM"));
	ok(fdt_property_string(fdt, "compatible", "nhv,vmm"));
	ok(fdt_property_u32(fdt, "#address-cells", 2));
	ok(fdt_property_u32(fdt, "#size-cells", 2));
	cpus(fdt, m->cpus);
	for (size_t i = 0; i < ARRAY_SIZE(m->slots); i++)
		if (m->slots[i].host)
			memory(fdt, &m->slots[i]);
	chosen(fdt, m);
	rtas(fdt, m);
	interrupts(fdt, m->cpus);
	terminal(fdt);
}

static void put_rtas_code(struct machine *m)
{
	uint32_t *to = at(m, m->rtas, RTAS_SIZE);

	for (size_t i = 0; i < ARRAY_SIZE(rtas_code); i++)
		to[i] = htobe32(rtas_code[i]);
}

void make_fdt(struct machine *m)
{
	void *fdt = at(m, m->fdt, FDT_SIZE);

	put_rtas_code(m);
	ok(fdt_create(fdt, FDT_SIZE));
	ok(fdt_add_reservemap_entry(fdt, m->rtas, RTAS_SIZE));
	ok(fdt_finish_reservemap(fdt));
	ok(fdt_begin_node(fdt, ""));
	root(fdt, m);
	ok(fdt_end_node(fdt));
	ok(fdt_finish(fdt));
}
