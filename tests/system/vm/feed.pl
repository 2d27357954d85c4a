# feed.pl DEVICE FILE: what the camera sees, written into a v4l2loopback device: FILE, a JPEG of 640x480, ten times a
# second, read anew each time, so that a link may be switched under it.
use strict;
use warnings;
use Fcntl;

use constant {
    VIDIOC_S_FMT    => 0xc0d05605,
    OUTPUT          => 2,            # V4L2_BUF_TYPE_VIDEO_OUTPUT
    PROGRESSIVE     => 1,            # V4L2_FIELD_NONE
    SIZE_OF_FORMAT  => 208,          # struct v4l2_format of 64-bit systems
};

my ($device, $file) = @ARGV;
sysopen(my $camera, $device, O_RDWR) or die "$device: $!\n";
my $format = pack('L x4 L2 a4 L3', OUTPUT, 640, 480, 'MJPG', PROGRESSIVE, 0, 640 * 480);
$format .= "\0" x (SIZE_OF_FORMAT - length $format);
ioctl($camera, VIDIOC_S_FMT, $format) or die "$device: setting the format: $!\n";
for (;;) {
    local $/;
    open(my $source, '<:raw', $file) or die "$file: $!\n";
    my $picture = <$source>;
    syswrite($camera, $picture) or die "$device: $!\n";
    select(undef, undef, undef, 0.1);
}
