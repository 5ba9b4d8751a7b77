// What Go's own packages for the checksum database say of logs: golang.org/x/mod/sumdb/tlog and note. It reads one question from its input as JSON and prints the answer.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	// Of a log of theirs to verify: its key, a signed checkpoint, entries, and proofs by place and by size before.
	Key         string
	Checkpoint  string
	Entries     []string
	Inclusion   map[int64][]string
	Consistency map[int64][]string
	Heads       map[int64]string
	// Of a log of ours to make: a private key, and how many entries.
	Secret string
	Make   int64
}

type storage []tlog.Hash

func (s storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = s[x]
	}
	return out, nil
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func hashes(texts []string) []tlog.Hash {
	var out []tlog.Hash
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		must(err)
		out = append(out, hash)
	}
	return out
}

func texts(hashes []tlog.Hash) []string {
	out := []string{}
	for _, hash := range hashes {
		out = append(out, hash.String())
	}
	return out
}

func verify(q question) {
	verifier, err := note.NewVerifier(q.Key)
	must(err)
	opened, err := note.Open([]byte(q.Checkpoint), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	var size int64
	_, err = fmt.Sscan(lines[1], &size)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	var stored storage
	for i, entry := range q.Entries {
		more, err := tlog.StoredHashes(int64(i), []byte(entry), stored)
		must(err)
		stored = append(stored, more...)
	}
	made, err := tlog.TreeHash(size, stored)
	must(err)
	if made != root {
		must(fmt.Errorf("the root of the entries is %v, and of the checkpoint %v", made, root))
	}
	for index, proof := range q.Inclusion {
		must(tlog.CheckRecord(hashes(proof), size, root, index, tlog.RecordHash([]byte(q.Entries[index]))))
	}
	for before, proof := range q.Consistency {
		must(tlog.CheckTree(hashes(proof), size, root, before, hashes([]string{q.Heads[before]})[0]))
	}
	fmt.Printf(`{"size":%d,"inclusion":%d,"consistency":%d}`, size, len(q.Inclusion), len(q.Consistency))
}

func makeLog(q question) {
	signer, err := note.NewSigner(q.Secret)
	must(err)
	var stored storage
	heads := map[int64]string{}
	for i := int64(0); i < q.Make; i++ {
		more, err := tlog.StoredHashes(i, []byte(fmt.Sprintf("entry %d", i)), stored)
		must(err)
		stored = append(stored, more...)
		head, err := tlog.TreeHash(i+1, stored)
		must(err)
		heads[i+1] = head.String()
	}
	inclusion, consistency := map[int64][]string{}, map[int64][]string{}
	for i := int64(0); i < q.Make; i++ {
		proof, err := tlog.ProveRecord(q.Make, i, stored)
		must(err)
		inclusion[i] = texts(proof)
		tree, err := tlog.ProveTree(q.Make, i+1, stored)
		must(err)
		consistency[i+1] = texts(tree)
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), q.Make, heads[q.Make])
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"checkpoint": string(signed), "inclusion": inclusion, "consistency": consistency, "heads": heads}))
}

func main() {
	var q question
	must(json.NewDecoder(os.Stdin).Decode(&q))
	if q.Make > 0 {
		makeLog(q)
	} else {
		verify(q)
	}
}
