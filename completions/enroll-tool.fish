# fish completion for enroll-tool(1)

function __enroll_tool_services
    for file in /etc/pam.d/* /usr/lib/pam.d/*
        string match -rv '/(common-[^/]*|[^/]*~|[^/]*\.dpkg-[^/]*)$' $file | string replace -r '.*/' ''
    end
end

set -l verbs enroll passwd list remove unlock verify identify status disable enable login
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
complete -c enroll-tool -n $none -a status -d 'How the daemon fares'
complete -c enroll-tool -n $none -a disable -d 'Faces off, passwords only'
complete -c enroll-tool -n $none -a enable -d 'Faces on again'
complete -c enroll-tool -n $none -a login -d 'Face login for single PAM services'

complete -c enroll-tool -n "not $login; and __fish_seen_subcommand_from enroll passwd list remove unlock verify disable enable" -a '(__fish_complete_users)'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll verify identify' -l image -r -F -d 'A photo instead of the camera'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll remove' -l label -x -d 'Name of these templates'
complete -c enroll-tool -n "not $login; and __fish_seen_subcommand_from enroll passwd remove verify enable" -l password-stdin -d 'Read the password from standard input'
complete -c enroll-tool -n '__fish_seen_subcommand_from enroll' -l force -d 'Accept a face that matches another user'

complete -c enroll-tool -n "$login; and not __fish_seen_subcommand_from status enable disable" -a 'status enable disable'
complete -c enroll-tool -n "$login; and __fish_seen_subcommand_from status enable disable" -a '(__enroll_tool_services)'
complete -c enroll-tool -n "$login; and __fish_seen_subcommand_from enable" -l mode -x -a 'face-first enter face+password' -d 'How the face is used'
complete -c enroll-tool -n "$login; and __fish_seen_subcommand_from enable disable" -l dry-run -d 'Show the change, make none'
complete -c enroll-tool -n "$login; and __fish_seen_subcommand_from disable" -l all -d 'Every service that enable has changed'
