package crossversion

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// WorkingTree is the name of the revision that is not committed yet.
const WorkingTree = "working tree"

// Repository is a git checkout with a module tree in it.
type Repository struct {
	// Dir is anywhere in the checkout.
	Dir string
	// Tree is the folder, from the checkout's root, that modules are required from; when empty it is looked for.
	Tree string
	// Modules are further modules that the tree may consist of; it need not have vshard then.
	Modules []string
}

// Revision is a version of the tree.
type Revision struct {
	// Name is what a person calls it; Commit is empty for the working tree.
	Name   string `json:"name"`
	Commit string `json:"commit,omitempty"`
}

// git runs git in the checkout and returns the lines that it writes.
func (r Repository) git(ctx context.Context, args ...string) (string, error) {
	out, err := r.output(ctx, args...)
	return strings.TrimSuffix(string(out), "\n"), err
}

// output is everything that git writes.
func (r Repository) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", r.Dir}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("git is not installed")
	case err != nil:
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("git %s: %s", args[0], strings.TrimPrefix(first, "fatal: "))
	}
	return out, nil
}

// Resolve finds the commit of a revision that a person has named.
func (r Repository) Resolve(ctx context.Context, name string) (Revision, error) {
	if name == WorkingTree {
		return Revision{Name: name}, nil
	}
	commit, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if err != nil {
		if ctx.Err() != nil {
			return Revision{}, err
		}
		if _, missing := r.git(ctx, "rev-parse", "--git-dir"); missing != nil {
			return Revision{}, fmt.Errorf("%s is no git checkout", r.Dir)
		}
		return Revision{}, fmt.Errorf("there is no revision %s in %s", name, r.Dir)
	}
	return Revision{Name: name, Commit: commit}, nil
}

// evolutionFile is where a storage states the version of its internals.
const evolutionFile = "vshard/storage/reload_evolution.lua"

// Older finds the revisions that a cluster may still run: those with a tag, and the last ones before each change of the
// version of the storage's internals. When there are none it is the last commit.
func (r Repository) Older(ctx context.Context) ([]Revision, error) {
	if _, err := r.Resolve(ctx, "HEAD"); err != nil {
		return nil, err
	}
	var found []Revision
	seen := map[string]bool{}
	add := func(rev Revision) {
		if rev.Commit == "" || seen[rev.Commit] {
			return
		}
		if _, err := r.treeOf(ctx, rev); err == nil {
			seen[rev.Commit] = true
			found = append(found, rev)
		}
	}
	tags, err := r.git(ctx, "tag", "--merged", "HEAD", "--sort=creatordate")
	if err != nil {
		return nil, err
	}
	for _, tag := range strings.Fields(tags) {
		rev, err := r.Resolve(ctx, "refs/tags/"+tag)
		if err != nil {
			return nil, err
		}
		rev.Name = tag
		add(rev)
	}
	changes, err := r.git(ctx, "log", "--reverse", "--format=%H", "--", ":(top,glob)**/"+evolutionFile)
	if err != nil {
		return nil, err
	}
	for _, commit := range strings.Fields(changes) {
		parent, err := r.Resolve(ctx, commit+"~1")
		if err == nil && r.version(ctx, commit) != r.version(ctx, parent.Commit) {
			parent.Name = short(parent.Commit)
			add(parent)
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	if len(found) == 0 {
		head, err := r.Resolve(ctx, "HEAD")
		return []Revision{head}, err
	}
	return found, nil
}

// short is how people write a commit.
func short(commit string) string { return commit[:min(len(commit), 10)] }

var versionLine = regexp.MustCompile(`(?m)^local version = (\d+)`)

// version is the version of the storage's internals that a commit states, or nothing.
func (r Repository) version(ctx context.Context, commit string) string {
	tree, err := r.treeOf(ctx, Revision{Commit: commit})
	if err != nil {
		return ""
	}
	text, err := r.git(ctx, "show", commit+":"+path.Join(tree, evolutionFile))
	if found := versionLine.FindStringSubmatch(text); err == nil && found != nil {
		return found[1]
	}
	return ""
}

// landmarks are the files of which one has to be in a tree.
func (r Repository) landmarks() []string {
	marks := []string{"vshard/storage/init.lua"}
	for _, module := range r.Modules {
		file := strings.ReplaceAll(module, ".", "/")
		marks = append(marks, file+".lua", file+"/init.lua")
	}
	return marks
}

// treeOf is the folder of the modules in a commit: the one nearest to the root that has a landmark.
func (r Repository) treeOf(ctx context.Context, rev Revision) (string, error) {
	listing, err := r.git(ctx, "ls-tree", "-r", "--name-only", "--full-tree", rev.Commit)
	if err != nil {
		return "", err
	}
	return r.pickTree(strings.Split(listing, "\n"), rev)
}

func (r Repository) pickTree(files []string, rev Revision) (string, error) {
	best, found := "", false
	for _, file := range files {
		for _, mark := range r.landmarks() {
			prefix, ok := strings.CutSuffix(file, mark)
			if !ok || prefix != "" && !strings.HasSuffix(prefix, "/") {
				continue
			}
			tree := strings.TrimSuffix(prefix, "/")
			if r.Tree != "" && tree != path.Clean(r.Tree) {
				continue
			}
			if !found || len(tree) < len(best) {
				best, found = tree, true
			}
		}
	}
	if !found {
		where := "the repository"
		if r.Tree != "" {
			where = r.Tree
		}
		return "", fmt.Errorf("%s of %s has none of %s", where, describe(rev), strings.Join(r.landmarks(), ", "))
	}
	return best, nil
}

func describe(rev Revision) string {
	if rev.Name == "" {
		return short(rev.Commit)
	}
	return rev.Name
}

// Extract writes the Lua files of a revision's tree into a directory.
func (r Repository) Extract(ctx context.Context, rev Revision, dir string) error {
	if rev.Commit == "" {
		return r.copyWorkingTree(ctx, dir)
	}
	tree, err := r.treeOf(ctx, rev)
	if err != nil {
		return err
	}
	archive, err := r.output(ctx, "archive", "--format=tar", rev.Commit+":"+tree)
	if err != nil {
		return err
	}
	files := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := files.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("git archive of %s: %w", describe(rev), err)
		case header.Typeflag != tar.TypeReg || path.Ext(header.Name) != ".lua" || !filepath.IsLocal(header.Name):
			continue
		}
		text, err := io.ReadAll(files)
		if err == nil {
			err = write(filepath.Join(dir, header.Name), text)
		}
		if err != nil {
			return err
		}
	}
}

func (r Repository) copyWorkingTree(ctx context.Context, dir string) error {
	root, err := r.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	// What is neither committed nor ignored is part of the working tree, too.
	listing, err := r.git(ctx, "ls-files", "--full-name", "--cached", "--others", "--exclude-standard", ":(top)")
	if err != nil {
		return err
	}
	files := strings.Split(listing, "\n")
	tree, err := r.pickTree(files, Revision{Name: "the " + WorkingTree})
	if err != nil {
		return err
	}
	for _, file := range files {
		inside, err := filepath.Rel(filepath.FromSlash(tree), filepath.FromSlash(file))
		if err != nil || !filepath.IsLocal(inside) || filepath.Ext(inside) != ".lua" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, file))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // deleted, and not committed yet
		case err == nil:
			err = write(filepath.Join(dir, inside), text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func write(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
