// SPDX-License-Identifier: GPL-2.0-only
/* nhv-vmm: a small VMM on the KVM API, for tests. */
#include <getopt.h>
#include <string.h>

#include "vmm.h"

enum {
	OPT_DEVICE = 256, OPT_MEM, OPT_CPUS, OPT_BEAR, OPT_THREADS, OPT_PAYLOAD, OPT_KERNEL, OPT_INITRD,
	OPT_ARGS, OPT_BACKING, OPT_EXTRA, OPT_EXTRA_BACKING, OPT_HUGETLB, OPT_TIMEOUT,
	OPT_STOP_AFTER, OPT_STATS, OPT_VERBOSE, OPT_NOISE, OPT_ONE_REG, OPT_API,
	OPT_FUZZ, OPT_CYCLES, OPT_MANY, OPT_NESTED, OPT_SEED, OPT_HELP,
};

static const struct option long_options[] = {
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "threads", required_argument, NULL, OPT_THREADS },
	{ "bear", required_argument, NULL, OPT_BEAR },
	{ "payload", required_argument, NULL, OPT_PAYLOAD },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "append", required_argument, NULL, OPT_ARGS },
	{ "args", required_argument, NULL, OPT_ARGS },
	{ "backing", required_argument, NULL, OPT_BACKING },
	{ "extra", required_argument, NULL, OPT_EXTRA },
	{ "extra-backing", required_argument, NULL, OPT_EXTRA_BACKING },
	{ "hugetlb", no_argument, NULL, OPT_HUGETLB },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "stop-after", required_argument, NULL, OPT_STOP_AFTER },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "verbose", no_argument, NULL, OPT_VERBOSE },
	{ "nested", no_argument, NULL, OPT_NESTED },
	{ "noise", required_argument, NULL, OPT_NOISE },
	{ "one-reg-test", no_argument, NULL, OPT_ONE_REG },
	{ "api-test", no_argument, NULL, OPT_API },
	{ "fuzz-ioctl", required_argument, NULL, OPT_FUZZ },
	{ "cycles", required_argument, NULL, OPT_CYCLES },
	{ "many", no_argument, NULL, OPT_MANY },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL }
};

static const char usage[] =
"usage: nhv-vmm [options] --payload ELF | --kernel ELF | a mode\n"
"  --device PATH         default /dev/kvm, else /dev/nhv\n"
"  --mem SIZE --cpus N   256M, 1\n"
"  --threads N           to a core: 1\n"
"  --backing KIND        of memory: plain small thp askew memfd huge2m huge1g\n"
"  --hugetlb             the same as --backing huge2m\n"
"  --extra SIZE          a second memory slot, at 4G\n"
"  --extra-backing KIND\n"
"  --initrd FILE\n"
"  --args TEXT, --append TEXT   the guest's command line\n"
"  --timeout SEC         then say where the guest is, and end with status 124\n"
"  --stop-after SEC      then tell the payload to stop\n"
"  --nested              the guest may be a hypervisor itself\n"
"  --noise LIST          other tasks meanwhile: fp,vmx,copy,dscr,tar,perf,self\n"
"  --stats --verbose\n"
"modes without a guest program:\n"
"  --one-reg-test        every KVM_GET/SET_ONE_REG register keeps its value\n"
"      --bear NAMES      but these, which the level below loses\n"
"  --api-test            capabilities and errors of the KVM API\n"
"  --fuzz-ioctl SEC      garbage to every ioctl (--seed N)\n"
"  --cycles N            create, run and destroy a VM N times (with --payload)\n"
"  --many                VMs until there can be no more\n"
"status: the guest's own; 120 usage, 121 something refused, 122 the guest could\n"
"not be run, 123 a vCPU does not stop, 124 timeout, 4 not possible here\n";

static uint64_t size_of(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	switch (*end) {
	case 'G': case 'g':
		return n << 30;
	case 'M': case 'm':
		return n << 20;
	case 'K': case 'k':
		return n << 10;
	}
	return n;
}

static int run_guest(struct options *o)
{
	static struct machine m;
	int status;

	do {
		machine_make(&m, o);
		load_elf(&m, o->kernel ? o->kernel : o->payload);
		if (o->initrd)
			load_initrd(&m, o->initrd);
		make_fdt(&m);
		if (o->noise)
			noise_start(o->noise);
		status = machine_run(&m);
		machine_free(&m);
	} while (m.reboot);
	if (o->noise && noise_end() && !status)
		status = 1;
	return status;
}

int main(int argc, char **argv)
{
	struct options o = {
		.mem = 256UL << 20, .cpus = 1, .args = "", .backing = "plain",
		.extra_backing = "plain",
	};
	unsigned int fuzz = 0;
	int mode = 0, c;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_DEVICE: o.device = optarg; break;
		case OPT_MEM: o.mem = size_of(optarg); break;
		case OPT_CPUS: o.cpus = atoi(optarg); break;
		case OPT_THREADS: o.threads = atoi(optarg); break;
		case OPT_BEAR: o.bear = optarg; break;
		case OPT_PAYLOAD: o.payload = optarg; break;
		case OPT_KERNEL: o.kernel = optarg; break;
		case OPT_INITRD: o.initrd = optarg; break;
		case OPT_ARGS: o.args = optarg; break;
		case OPT_BACKING: o.backing = optarg; break;
		case OPT_HUGETLB: o.backing = "huge2m"; break;
		case OPT_EXTRA: o.extra = size_of(optarg); break;
		case OPT_EXTRA_BACKING: o.extra_backing = optarg; break;
		case OPT_TIMEOUT: o.timeout = atoi(optarg); break;
		case OPT_STOP_AFTER: o.stop_after = atoi(optarg); break;
		case OPT_STATS: o.stats = true; break;
		case OPT_VERBOSE: o.verbose = true; break;
		case OPT_NESTED: o.nested = true; break;
		case OPT_NOISE: o.noise = optarg; break;
		case OPT_FUZZ: fuzz = atoi(optarg); mode = c; break;
		case OPT_CYCLES: o.cycles = atoi(optarg); mode = c; break;
		case OPT_SEED: o.seed = strtoull(optarg, NULL, 0); break;
		case OPT_ONE_REG: case OPT_API: case OPT_MANY: mode = c; break;
		case OPT_HELP: printf("%s", usage); return 0;
		default: fprintf(stderr, "%s", usage); return STATUS_USAGE;
		}
	}
	if (!o.cpus || o.cpus > MAX_CPUS || optind != argc)
		die(STATUS_USAGE, "1 to %d cpus, no other arguments", MAX_CPUS);
	switch (mode) {
	case OPT_ONE_REG: return one_reg_test(&o);
	case OPT_API: return api_test(&o);
	case OPT_FUZZ: return fuzz_ioctl(&o, fuzz);
	case OPT_CYCLES: return cycles(&o);
	case OPT_MANY: return many(&o);
	}
	if (!o.payload && !o.kernel) {
		fprintf(stderr, "%s", usage);
		return STATUS_USAGE;
	}
	return run_guest(&o);
}
