# pcr_extend.pl NUMBER: extends a PCR of the TPM's SHA-256 bank, as a firmware does that found something else to measure.
use strict;
use warnings;
use Fcntl;

my ($number) = @ARGV;
my $password = pack('N n C n', 0x40000009, 0, 0, 0);    # TPM_RS_PW, no nonce, no attributes, an empty password
my $digests  = pack('N n a32', 1, 0x000b, 'something else');
my $body     = pack('N N', $number, length $password) . $password . $digests;
my $command  = pack('n N N', 0x8002, 10 + length $body, 0x182) . $body;    # TPM_ST_SESSIONS, TPM2_CC_PCR_Extend

sysopen(my $tpm, '/dev/tpmrm0', O_RDWR) or die "/dev/tpmrm0: $!\n";
syswrite($tpm, $command) == length $command or die "/dev/tpmrm0: $!\n";
sysread($tpm, my $answer, 4096) or die "/dev/tpmrm0: $!\n";
my (undef, undef, $code) = unpack('n N N', $answer);
die sprintf("the TPM answered %#x\n", $code) if $code != 0;
