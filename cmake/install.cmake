# What an installation consists of: one component per package. Debian, Fedora and Arch build from this list alone.
include(GNUInstallDirs)
set(FACEAUTH_PAM_DIR ${CMAKE_INSTALL_LIBDIR}/security CACHE STRING "where libpam looks for modules")
set(FACEAUTH_SYSTEMD_DIR lib/systemd CACHE STRING "where systemd looks for packaged units and presets")
set(FACEAUTH_ZSH_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "where zsh looks for completions")
option(FACEAUTH_PAM_CONFIGS "install the profiles of pam-auth-update (Debian and its kin)" ON)

# Component faceauth: daemon, tool, units, configuration.
install(TARGETS faced faced-vision DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/faceauth COMPONENT faceauth)
install(PROGRAMS systemd/seal-key DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/faceauth COMPONENT faceauth)
install(TARGETS enroll-tool DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT faceauth)
# A user may ask about himself, and his PATH has no sbin. Where the two are one folder (Arch, Fedora since 42) there is
# nothing to link.
file(REAL_PATH "${CMAKE_INSTALL_FULL_SBINDIR}" sbin)
file(REAL_PATH "${CMAKE_INSTALL_FULL_BINDIR}" bin)
if(NOT sbin STREQUAL bin)
  file(RELATIVE_PATH link "${CMAKE_INSTALL_FULL_BINDIR}" "${CMAKE_INSTALL_FULL_SBINDIR}/enroll-tool")
  install(CODE "
    file(MAKE_DIRECTORY \"\$ENV{DESTDIR}${CMAKE_INSTALL_FULL_BINDIR}\")
    file(CREATE_LINK \"${link}\" \"\$ENV{DESTDIR}${CMAKE_INSTALL_FULL_BINDIR}/enroll-tool\" SYMBOLIC)"
    COMPONENT faceauth)
endif()
install(FILES etc/faced.toml DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/faceauth COMPONENT faceauth)
install(FILES systemd/faced.socket systemd/faced.service systemd/faceauth-key.service
  DESTINATION ${FACEAUTH_SYSTEMD_DIR}/system COMPONENT faceauth)
install(FILES systemd/faceauth.preset DESTINATION ${FACEAUTH_SYSTEMD_DIR}/system-preset RENAME 80-faceauth.preset COMPONENT faceauth)
install(FILES systemd/faceauth.sysusers DESTINATION lib/sysusers.d RENAME faceauth.conf COMPONENT faceauth)
install(FILES systemd/faceauth.tmpfiles DESTINATION lib/tmpfiles.d RENAME faceauth.conf COMPONENT faceauth)
install(FILES NEWS DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT faceauth)

install(FILES completions/enroll-tool.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME enroll-tool COMPONENT faceauth)
install(FILES completions/faced.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME faced COMPONENT faceauth)
install(FILES completions/_enroll-tool DESTINATION ${FACEAUTH_ZSH_DIR} COMPONENT faceauth)
install(FILES completions/enroll-tool.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  COMPONENT faceauth)
install(FILES apparmor/usr.libexec.faceauth.faced DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/apparmor.d
  COMPONENT faceauth)

# Manual pages go with what they describe.
file(GLOB pages RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS man/*.[1-8])
foreach(page IN LISTS pages)
  string(REGEX MATCH "[1-8]$" section ${page})
  if(page MATCHES "pam_faceauth")
    set(component pam)
  else()
    set(component faceauth)
  endif()
  install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
endforeach()

# Component pam: the module and what enables it.
install(TARGETS pam_faceauth DESTINATION ${FACEAUTH_PAM_DIR} COMPONENT pam)
foreach(language IN LISTS FACEAUTH_LANGUAGES)
  install(FILES ${PROJECT_BINARY_DIR}/po/${language}/LC_MESSAGES/faceauth.mo
    DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/${language}/LC_MESSAGES COMPONENT pam)
endforeach()
if(FACEAUTH_PAM_CONFIGS)
  install(FILES etc/pam-configs/faceauth etc/pam-configs/faceauth-enter etc/pam-configs/faceauth-report
    DESTINATION ${CMAKE_INSTALL_DATADIR}/pam-configs COMPONENT pam)
endif()

# Component models. The pins are held once more, against what is about to be installed.
file(STRINGS models/manifest pins REGEX "^file +models/")
foreach(pin IN LISTS pins)
  separate_arguments(fields UNIX_COMMAND "${pin}")
  list(GET fields 1 name)
  list(GET fields 2 sha256)
  string(REPLACE "models/" "" name ${name})
  install(CODE "
    if(NOT EXISTS \"${FACEAUTH_MODELS_DIR}/${name}\")
      message(FATAL_ERROR \"${FACEAUTH_MODELS_DIR}/${name} is missing: fetch the models with ./dev setup\")
    endif()
    file(SHA256 \"${FACEAUTH_MODELS_DIR}/${name}\" found)
    if(NOT found STREQUAL ${sha256})
      message(FATAL_ERROR \"${FACEAUTH_MODELS_DIR}/${name} is not the file that models/manifest pins\")
    endif()" COMPONENT models)
  install(FILES ${FACEAUTH_MODELS_DIR}/${name} DESTINATION ${CMAKE_INSTALL_DATADIR}/faceauth/models COMPONENT models)
endforeach()
install(FILES models/fr_feature.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/faceauth-models/examples COMPONENT models)
install(FILES docs/MODELS.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/faceauth-models COMPONENT models)
install(FILES models/NOTICE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/faceauth-models COMPONENT models)
