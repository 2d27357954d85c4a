# probe.pl NETWORK-NAMESPACE: tries what a sandboxed daemon has no need of, and prints "NAME can" or "NAME cannot".
# Perl, because it is in every Debian root and reaches any system call.
use strict;
use warnings;
use Errno qw(EPERM);
use Fcntl;
use Socket;

my ($network) = @ARGV;

sub tell_of { printf "%s %s\n", $_[0], $_[1] ? "can" : "cannot"; }

sub writes {
    my $made = open(my $file, '>', "$_[0]/made-by-probe");
    unlink "$_[0]/made-by-probe" if $made;
    return $made;
}

sub forks {
    my ($wanted) = @_;
    my @children;
    for (1 .. $wanted) {
        my $child = fork();
        last unless defined $child;
        if ($child == 0) { sleep 30; exit 0; }
        push @children, $child;
    }
    kill 'KILL', @children;
    waitpid $_, 0 for @children;
    return @children == $wanted;
}

sub makes_setuid {
    open(my $file, '>', '/var/lib/faceauth/setuid') or return 0;
    my $set = chmod 04755, '/var/lib/faceauth/setuid';
    unlink '/var/lib/faceauth/setuid';
    return $set;
}

# In a child: a traced process stops at its next signal, until the tracer has looked.
sub is_traced {
    my $child = fork() // return 0;
    exit(calls(101, 0, 0, 0, 0) ? 0 : 1) if $child == 0;
    waitpid $child, 0;
    return $? == 0;
}

# Numbers of x86-64. Failing for another reason than EPERM means that the sandbox let the call through.
sub calls { return syscall($_[0], @_[ 1 .. $#_ ]) >= 0 || $! != EPERM; }

tell_of 'write below /etc',            writes('/etc/probe');
tell_of 'write below /usr',            writes('/usr/probe');
tell_of 'write below /var',            writes('/var/probe');
tell_of 'write its own state',         writes('/var/lib/faceauth');
tell_of 'read below /home',            scalar(open(my $secret, '<', '/home/probe/file'));
tell_of 'see the /tmp of others',      -e '/tmp/probe';
tell_of 'open an internet socket',     scalar(socket(my $inet, AF_INET, SOCK_DGRAM, 0));
tell_of 'open a netlink socket',       scalar(socket(my $netlink, 16, SOCK_RAW, 0));
tell_of 'open a Unix socket',          scalar(socket(my $unix, AF_UNIX, SOCK_STREAM, 0));
tell_of 'be in the common network',    readlink('/proc/self/ns/net') eq $network;
tell_of 'open a disk-like device',     scalar(sysopen(my $device, '/dev/probe', O_RDWR)) || $! != EPERM;
tell_of 'open /dev/null',              scalar(sysopen(my $null, '/dev/null', O_RDWR));
tell_of 'map memory to write and run', calls(9, 0, 4096, 7, 0x22, -1, 0);
tell_of 'make a user namespace',       calls(272, 0x10000000);
tell_of 'change its personality',      calls(135, 0x0040000);
tell_of 'have itself traced',          is_traced();
tell_of 'lower its own priority',      calls(141, 0, 0, 5);
tell_of 'make a setuid file',          makes_setuid();
tell_of 'run a program of /usr/bin',   system('/usr/bin/true') == 0;
tell_of 'have 200 processes',          forks(200);
