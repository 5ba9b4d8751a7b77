require "resolv"

module Gate
  # There is no network: a question to DNS would wait for its time-outs, and then fail in words of its own.
  module DnsOfTable
    KINDS = {
      Resolv::DNS::Resource::IN::A => ["A"], Resolv::DNS::Resource::IN::AAAA => ["AAAA"], Resolv::DNS::Resource::IN::CNAME => ["CNAME"],
      Resolv::DNS::Resource::IN::PTR => ["PTR"], Resolv::DNS::Resource::IN::TXT => ["TXT"], Resolv::DNS::Resource::IN::NS => ["NS"]
    }.freeze

    def each_resource(name, kind)
      type = KINDS.fetch(kind) { [kind.name.split("::").last] }.first
      Gate.stand_ins.records(name, type).each { |value| yield kind.new(%w[CNAME PTR NS].include?(type) ? Resolv::DNS::Name.create("#{value}.") : value) }
    end

    def each_name(address)
      text = address.to_s
      Gate.stand_ins.records(text, "PTR").each { |value| yield Resolv::DNS::Name.create("#{value}.") }
    end

    def each_address(name)
      each_resource(name, Resolv::DNS::Resource::IN::A) { |found| yield found.address }
      each_resource(name, Resolv::DNS::Resource::IN::AAAA) { |found| yield found.address }
    end
  end
  Resolv::DNS.prepend(DnsOfTable)

  # /etc/hosts is made of the same table, so that the system's resolver answers by it: here it is only told what was asked. Puppet asks for
  # the sandbox's own name.
  module NamesAsked
    OWN = ["localhost", Socket.gethostname].freeze

    %i[getaddrinfo getaddress gethostbyname].each do |name|
      define_method(name) do |host, *args, **options, &block|
        Gate.stand_ins.records(host, "A") if host.is_a?(String) && !OWN.include?(host) && !host.match?(/\A[\d.:a-fA-F%]+\z/)
        super(host, *args, **options, &block)
      end
    end
  end
  [Addrinfo, Socket, IPSocket, TCPSocket].each { |owner| owner.singleton_class.prepend(NamesAsked) }
end
