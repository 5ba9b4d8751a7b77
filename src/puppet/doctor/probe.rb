# Tries what a hostile change would try, and prints what came of it as one object of JSON. It runs in the sandbox, on what it is told by
# its arguments as JSON; each try is a word of what was gained, or the error that stood in the way.
require "json"
require "socket"

ASKED = JSON.parse(ARGV.fetch(0))

def try
  { "gained" => yield.to_s[0, 300] }
rescue SystemCallError, IOError, SocketError, NoMemoryError, Errno::NOERROR => e
  { "refused" => e.class.name }
end

def tries(paths, &block) = paths.to_h { |path| [path, try { block.call(path) }] }

def raw(number, *arguments)
  result = syscall(number, *arguments)
  return result unless number == 56

  # Where clone went through: its child ends here, and is waited for. Its SIGCHLD must not come after ptrace went through as well, which
  # would stop this process for good: whoever asks to be traced stops at its next signal.
  exit!(0) if result.zero?
  Process.wait(result)
  result
rescue NotImplementedError
  raise Errno::ENOSYS
end

found = {}
found["uid"] = [Process.uid, Process.euid, Process.gid, Process.egid]
found["env"] = ENV.keys
found["descriptors"] = (3..255).select { |fd| IO.for_fd(fd, autoclose: false) rescue nil }.reject { |fd| IO.for_fd(fd, autoclose: false).close_on_exec? }
# A name server that never answers would hold the C library up for ten seconds and more: one question, one second.
ENV["RES_OPTIONS"] = "timeout:1 attempts:1"
found["interfaces"] = Socket.getifaddrs.map(&:name).uniq
found["network"] = {
  "this machine's loopback" => try { TCPSocket.new("127.0.0.1", ASKED["port"]).close; "connected" },
  "another address" => try { Socket.tcp("192.0.2.1", 80, connect_timeout: 1).close; "connected" },
  "a datagram" => try { UDPSocket.new.send("x", 0, "192.0.2.1", 53); "sent" },
  "a name server" => try { Addrinfo.getaddrinfo("puppet-gate.example.", 80); "resolved" },
  "an abstract socket" => try { UNIXSocket.new("\0#{ASKED["abstract"]}").close; "connected" },
  "a socket in a folder" => try { UNIXSocket.new(ASKED["socket"]).close; "connected" },
}
found["read"] = tries(ASKED["read"]) { |path| File.directory?(path) ? Dir.children(path).first(3).join(" ") : File.read(path, 100) }
found["write"] = tries(ASKED["write"]) { |path| File.write(path, "written"); "written" }
found["top"] = Dir.children("/").sort
found["etc"] = Dir.children("/etc").sort
found["devices"] = Dir.children("/dev").sort
found["calls"] = ASKED["calls"].to_h { |name, number, arguments| [name, try { raw(number, *arguments) }] }
found["families"] = ASKED["families"].to_h { |name, number| [name, try { Socket.new(number, 1, 0).close; "opened" }] }
puts JSON.generate(found)
