# A node's certificate says what it is for; nothing that a node can make up about itself decides its role.

# The way in from outside is written out by name: nobody should become a bastion by a certificate alone.
node 'bastion1.lon.tonearm.example' {
  include role::bastion
}

node 'bastion1.ash.tonearm.example' {
  include role::bastion
}

node /^[a-z]+\d+\.(lon|sto|ash)\.tonearm\.example$/ {
  include "role::${trusted['extensions']['pp_role']}"

  lookup('classes', Array[String], 'unique', []).include
}

node default {
  fail("${trusted['certname']} is no node of ours: request a certificate with pp_role and pp_datacenter")
}
