// SPDX-License-Identifier: GPL-2.0-only
/*
 * nhv-api answers            what each call answers, good and bad arguments
 * nhv-api garbage S [SEED]   nonsense from several threads for S seconds
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "api.h"

static unsigned int checks, failures;
long page_size;

void check(bool good, const char *format, ...)
{
	va_list args;

	failures += !good;
	printf("%sok %u - ", good ? "" : "not ", ++checks);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static int must(int got, const char *what)
{
	if (got >= 0)
		return got;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

struct machine machine_open(void)
{
	const char *device = getenv("NHV_DEVICE");
	struct machine m;

	m.system = must(open(device ? device : "/dev/kvm", O_RDWR), "device");
	m.vm = must(ioctl(m.system, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	m.vcpu = must(ioctl(m.vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	m.run = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		     m.vcpu, 0);
	m.page = mmap(NULL, PAGES * page_size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(m.run == MAP_FAILED || m.page == MAP_FAILED ? -1 : 0, "mmap");
	return m;
}

void machine_close(struct machine *m)
{
	munmap(m->run, page_size);
	munmap(m->page, PAGES * page_size);
	close(m->vcpu);
	close(m->vm);
	close(m->system);
}

static void answers(void)
{
	test_system();
	test_machine();
	test_slots();
	test_events();
	test_vcpu();
	test_descriptors();
}

int main(int argc, char **argv)
{
	page_size = sysconf(_SC_PAGESIZE);
	if (argc == 2 && !strcmp(argv[1], "answers")) {
		answers();
	} else if (argc >= 3 && !strcmp(argv[1], "garbage")) {
		unsigned int seed = argc > 3 ? strtoul(argv[3], NULL, 0) :
					       (unsigned int)time(NULL);

		garbage(atoi(argv[2]), seed);
		check(true, "%s seconds of garbage, seed %u", argv[2], seed);
	} else {
		fprintf(stderr, "usage: nhv-api answers | garbage SECONDS [SEED]\n");
		return 2;
	}
	printf("1..%u\n", checks);
	return failures != 0;
}
