# fish completion for enroll-tool(1)

function __enroll_tool_services
    for file in /etc/pam.d/* /usr/lib/pam.d/*
        string match -rv '/(common-[^/]*|[^/]*~|[^/]*\.dpkg-[^/]*)$' $file | string replace -r '.*/' ''
    end
end

set -l verbs enroll passwd list remove unlock verify identify preview cameras status disable enable log doctor import-howdy rekey backup restore login
set -l none "not __fish_seen_subcommand_from $verbs"
set -l login '__fish_seen_subcommand_from login'

complete -c enroll-tool -f
complete -c enroll-tool -l config -r -F -d 'Configuration of the daemon'
complete -c enroll-tool -l json -d 'One JSON object on standard output'
complete -c enroll-tool -l quiet -d 'No guidance and no word of success'
complete -c enroll-tool -l help -d 'Show help'
complete -c enroll-tool -n $none -l version -d 'Show the version'

complete -c enroll-tool -n $none -a enroll -d 'Register a user'
complete -c enroll-tool -n $none -a passwd -d 'Set the password of a user'
complete -c enroll-tool -n $none -a list -d 'Show who is registered'
complete -c enroll-tool -n $none -a remove -d 'Remove a user or some templates'
complete -c enroll-tool -n $none -a unlock -d 'End a lockout'
complete -c enroll-tool -n $none -a verify -d 'What a login would decide'
complete -c enroll-tool -n $none -a identify -d 'Who is this?'
complete -c enroll-tool -n $none -a preview -d 'What the camera sees'
complete -c enroll-tool -n $none -a cameras -d 'Which cameras there are'
complete -c enroll-tool -n $none -a status -d 'How the daemon fares'
complete -c enroll-tool -n $none -a disable -d 'Faces off, passwords only'
complete -c enroll-tool -n $none -a enable -d 'Faces on again'
complete -c enroll-tool -n $none -a log -d 'Who asked for whose face'
complete -c enroll-tool -n $none -a doctor -d 'What is wrong, and what mends it'
complete -c enroll-tool -n $none -a import-howdy -d 'Bring the models of Howdy over'
complete -c enroll-tool -n $none -a rekey -d 'Change the master key'
complete -c enroll-tool -n $none -a backup -d 'Save everybody into a file'
complete -c enroll-tool -n $none -a restore -d 'Bring users back from a backup'
complete -c enroll-tool -n $none -a login -d 'Face login for single PAM services'

complete -c enroll-tool -n "not $login; and __fish_seen_subcommand_from enroll passwd list remove unlock verify disable enable log" -a '(__fish_complete_users)'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll verify identify' -l image -r -F -d 'A photo instead of the camera'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll remove' -l label -x -d 'Name of these templates'
complete -c enroll-tool -n "not $login; and __fish_seen_subcommand_from enroll passwd remove verify enable" -l password-stdin -d 'Read the password from standard input'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll' -l events -d 'An object a line for all that happens'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll preview' -l pictures -d 'The pictures too, in the events'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll preview' -l graphics -x -a 'auto kitty sixel blocks blocks-256' -d 'How pictures are shown'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll' -l force -d 'Accept a face that matches another user'

complete -c enroll-tool -n '__fish_seen_subcommand_from log' -l since -x -d 'From this time on'
complete -c enroll-tool -n '__fish_seen_subcommand_from log' -l until -x -d 'Up to this time'
complete -c enroll-tool -n '__fish_seen_subcommand_from log' -l verdict -x -a 'match no-match not-live no-face timeout busy locked-out done' -d 'Only what ended so'
complete -c enroll-tool -n '__fish_seen_subcommand_from log' -l last -x -d 'Only so many, the latest'
complete -c enroll-tool -n '__fish_seen_subcommand_from log import-howdy' -l user -x -a '(__fish_complete_users)' -d 'Of this user'
complete -c enroll-tool -n '__fish_seen_subcommand_from doctor' -l bundle -r -F -d 'Write a report'
complete -c enroll-tool -n '__fish_seen_subcommand_from doctor' -l no-camera -d 'Leave the camera off'
complete -c enroll-tool -n '__fish_seen_subcommand_from import-howdy' -F
complete -c enroll-tool -n '__fish_seen_subcommand_from log' -l service -x -a '(__enroll_tool_services)' -d 'Only this service'
complete -c enroll-tool -n '__fish_seen_subcommand_from log' -l failed -d 'Only what did not end well'
complete -c enroll-tool -n '__fish_seen_subcommand_from log' -l verify -d 'Prove that no entry was cut or changed'
complete -c enroll-tool -n '__fish_seen_subcommand_from rekey' -l credential -r -F -d 'The sealed credential'
complete -c enroll-tool -n '__fish_seen_subcommand_from rekey' -l with-key -x -a 'auto host tpm2 host+tpm2' -d 'What seals it'
complete -c enroll-tool -n '__fish_seen_subcommand_from rekey' -l settle -d 'End an unfinished change'
complete -c enroll-tool -n '__fish_seen_subcommand_from backup restore' -F
complete -c enroll-tool -n '__fish_seen_subcommand_from backup restore' -l passphrase-stdin -d 'Read the passphrase from standard input'
complete -c enroll-tool -n '__fish_seen_subcommand_from restore' -l merge -d 'Keep who is registered here'
complete -c enroll-tool -n '__fish_seen_subcommand_from restore' -l replace -d 'Give up who is registered here'
complete -c enroll-tool -n '__fish_seen_subcommand_from restore' -l skip-unknown -d 'Leave out whom this system does not know'
complete -c enroll-tool -n '__fish_seen_subcommand_from restore' -l adopt-uids -d 'Users with another uid are the same people'

complete -c enroll-tool -n "$login; and not __fish_seen_subcommand_from status enable disable" -a 'status enable disable'
complete -c enroll-tool -n "$login; and __fish_seen_subcommand_from status enable disable" -a '(__enroll_tool_services)'
complete -c enroll-tool -n "$login; and __fish_seen_subcommand_from enable" -l mode -x -a 'face-first enter face+password' -d 'How the face is used'
complete -c enroll-tool -n "$login; and __fish_seen_subcommand_from enable disable" -l dry-run -d 'Show the change, make none'
complete -c enroll-tool -n "$login; and __fish_seen_subcommand_from disable" -l all -d 'Every service that enable has changed'
