# A long-lived compiler. It reads a request a line on stdin and answers each with one line of JSON on the descriptor named in ANSWERS,
# first of all `{"ready":true}`. It runs in the sandbox, and the code it evaluates can do all that it can: nothing it says is trusted.
#
# Requests:  {"op":"begin","environment":{"name","root","manifest","modulepath":[…],"maxBytes"},"stand_ins":…}, the first one, which says
# what its tree is, all paths as they are in the sandbox; answered with {"begun":true}, or false where it has to be started with PRELOAD=no.
# {"op":"compile","certname":…,"facts":{…},"trusted":{…},"server":{…},"enc":{"classes","parameters"} | null,"trace":false}   {"op":"node_statements"}   {"op":"definitions","paths":[…]}   {"op":"done"}, answered with {"done":true}
# when all answers before it are written. Every answer to a compile has `secrets`, texts that it must not show, and `encrypted`, those in
# the place of encrypted values.

# The allocator is this process's alone: what the tree's code sees, or starts, is the same on every machine.
ENV.delete("LD_PRELOAD")

# High and closed on exec: neither `puts` nor a child of a function writes into the answers or reads requests by accident.
answers = IO.for_fd(IO.for_fd(Integer(ENV.delete("ANSWERS"))).fcntl(1030, 200), "w") # 1030 is F_DUPFD_CLOEXEC
requests = IO.for_fd($stdin.fcntl(1030, 201), "r")
$stdin.reopen(File::NULL)

require "io/wait"
require "json"
require "puppet"
require_relative "loaded_once"
require_relative "epp_once"
require_relative "providers"
require_relative "type_loader"
require_relative "preload"
require_relative "environment"
require_relative "fact_reads"
require_relative "fact_hooks"
require_relative "stand_ins"
require_relative "dns"
require_relative "exports"
require_relative "secrets"
require_relative "eyaml"
require_relative "models"
require_relative "compile"
require_relative "failure"
require_relative "node_statements"
require_relative "definitions"
require_relative "impurity"
require_relative "trace"
require_relative "trace_names"
require_relative "trace_data"
require_relative "trace_files"

Gate.settings
Gate::Preload.load unless ENV.delete("PRELOAD") == "no"
settings = nil
folders = nil
environment = nil
max_bytes = 64
own_threads = Thread.list
compiled = false

answer = lambda do |value|
  line = Gate.generate(value)
  raise Gate::TooLong if line.bytesize > max_bytes

  answers.write(line, "\n")
  answers.flush
end

begin_with = lambda do |request|
  settings = request.fetch("environment")
  folders = request.fetch("stand_ins").fetch("folders")
  max_bytes = settings.fetch("maxBytes")
  Gate.stand_ins = Gate::StandIns.new(request.fetch("stand_ins"), [settings.fetch("root"), *settings.fetch("modulepath")])
  Puppet[:environment] = settings.fetch("name")
  { "begun" => Gate::Preload.fits?(settings.fetch("modulepath")) }
end

# From the first node on or not at all: what an earlier one loaded would be missing.
trace = lambda do |request|
  own = [settings.fetch("root"), *settings.fetch("modulepath")]
  Gate.trace ||= Gate::Trace.new(own, folders) if request["trace"] && !compiled
  compiled = true
end

# Threads that a node's code left behind end before anything is said, so that none speaks in the next node's name.
ask = lambda do |request|
  environment ||= Gate.environment(settings) unless request.fetch("op") == "done"
  case request.fetch("op")
  when "compile"
    Gate::Secrets.begin
    trace.call(request)
    Gate.compile(environment, request).merge(Gate.known)
  when "definitions" then { "definitions" => request.fetch("paths").map { |path| Gate::Definitions.of(path) } }
  when "node_statements" then Gate.node_statements(settings.fetch("manifest"))
  when "done" then { "done" => true }
  end
ensure
  (Thread.list - own_threads).each(&:kill)
end

answer.call({ "ready" => true })
# One that waits for its tree takes away what loading left behind, so that the first compile need not: 0.07 of its 0.9 s.
GC.start unless requests.wait_readable(0.3)
answer.call(begin_with.call(JSON.parse(requests.gets || exit, max_nesting: false)))
while (line = requests.gets)
  request = JSON.parse(line, max_nesting: false)
  begin
    answer.call(ask.call(request))
  rescue Exception => e # LoadError is a ScriptError, `exit` a SystemExit: whatever the tree's code raises is this node's finding
    failed = { "certname" => request["certname"], "ok" => false, "error" => Gate.failure(e, settings.fetch("root"), request["certname"]) }
    failed["missing"] = Gate.stand_ins.told.fetch("missing") if request["op"] == "compile"
    begin
      answer.call(failed.merge(Gate.known))
    rescue Gate::TooLong => e
      answer.call(failed.merge("error" => Gate.failure(e, settings.fetch("root"), request["certname"])))
    end
  end
end
