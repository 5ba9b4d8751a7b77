/** The environment of everything in the sandbox. The same for both sides of a comparison, whoever runs the gate and wherever. */
export const sandboxEnv = {
  PATH: "/opt/puppetlabs/puppet/bin:/usr/local/bin:/usr/bin:/bin",
  HOME: "/tmp",
  LANG: "C.UTF-8",
  TZ: "UTC",
};

/** All there is of /etc. Puppet and Ruby look users, groups and the system's name up; they get these, and never the host's. */
export const etcFiles: Readonly<Record<string, string>> = {
  "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
  "/etc/group": "root:x:0:\nnogroup:x:65534:\n",
  "/etc/os-release": 'ID=sandbox\nNAME="sandbox"\nPRETTY_NAME="sandbox"\nVERSION_ID="1"\n',
};
