# confined.pl PROFILE: enters an AppArmor profile ("-": none), tries what faced has no need of, and what it has, and
# prints "NAME can" or "NAME cannot". Run by root outside of faced's unit, so that only the profile stands in the way.
use strict;
use warnings;
no warnings 'exec';    # a refusal is a finding
use Fcntl;
use Socket;

my ($profile) = @ARGV;
if ($profile ne '-') {
    open(my $current, '>', '/proc/self/attr/current') or die "AppArmor: $!\n";
    syswrite($current, "changeprofile $profile") or die "AppArmor: $!\n";
}

sub tell_of { printf "%s %s\n", $_[0], $_[1] ? 'can' : 'cannot'; }
sub opens { return scalar sysopen(my $file, $_[0], $_[1]); }

tell_of 'read its configuration',    opens('/etc/faceauth/faced.toml', O_RDONLY);
tell_of 'read a model',              opens('/usr/share/faceauth/models/fr_liveness.onnx', O_RDONLY);
tell_of 'open the camera',           opens('/dev/video0', O_RDWR);
tell_of 'change its configuration',  opens('/etc/faceauth/faced.toml', O_WRONLY | O_APPEND);
tell_of 'change a model',            opens('/usr/share/faceauth/models/fr_liveness.onnx', O_WRONLY | O_APPEND);
tell_of 'read the passwords',        opens('/etc/shadow', O_RDONLY);
tell_of 'read the sealed key',       opens('/etc/credstore.encrypted/faceauth.key', O_RDONLY);
tell_of 'read below /home',          opens('/home/alice/letter', O_RDONLY);
tell_of 'open the disk',             opens('/dev/vda', O_RDONLY);
tell_of 'write below /etc',          opens('/etc/made-by-probe', O_WRONLY | O_CREAT);
tell_of 'open an internet socket',   scalar(socket(my $inet, AF_INET, SOCK_STREAM, 0));
tell_of 'run a program of /usr/bin', system('/usr/bin/true') == 0;
tell_of 'signal a stranger',         kill('CONT', 1) == 1;
