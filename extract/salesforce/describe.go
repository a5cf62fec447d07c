package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
)

// Describe is what the integration user sees of an object. A field that field-level security hides is not in it, and
// cannot be told from one that does not exist.
type Describe struct {
	Name      string  `json:"name"`
	Label     string  `json:"label"`
	Queryable bool    `json:"queryable"`
	Fields    []Field `json:"fields"`

	byName     map[string]int
	byRelation map[string]int
}

// Has tells whether the object has a visible field of that name, in any case.
func (d *Describe) Has(field string) bool {
	_, ok := d.Field(field)
	return ok
}

// Field is the field of that name, in any case: Salesforce does not tell Phone from phone.
func (d *Describe) Field(name string) (Field, bool) {
	i, ok := d.byName[strings.ToLower(name)]
	if !ok {
		return Field{}, false
	}
	return d.Fields[i], true
}

// suggest are up to three visible fields that the name may have meant, the likeliest first.
func (d *Describe) suggest(name string) []string {
	names := make([]string, 0, len(d.Fields))
	for _, field := range d.Fields {
		names = append(names, field.Name)
	}
	return nearest(name, names)
}

// parent is the reference field whose relationship has that name, such as OwnerId for Owner.
func (d *Describe) parent(relation string) (Field, bool) {
	i, ok := d.byRelation[strings.ToLower(relation)]
	if !ok {
		return Field{}, false
	}
	return d.Fields[i], true
}

// index checks a describe and makes it searchable. What decides later is required; what is new is passed over, since
// Salesforce adds keys with every release.
func (d *Describe) index(object string) (problem string) {
	if d.Name == "" {
		return "has no name"
	}
	if !strings.EqualFold(d.Name, object) {
		return "describes another object"
	}
	if len(d.Fields) == 0 {
		return "has no fields"
	}
	d.byName, d.byRelation = map[string]int{}, map[string]int{}
	for i, field := range d.Fields {
		name := strings.ToLower(field.Name)
		_, twice := d.byName[name]
		switch {
		case !identifier.MatchString(field.Name):
			return fmt.Sprintf("field %d has no name", i+1)
		case !typeName.MatchString(field.Type):
			return "field " + clip(field.Name) + " has no type"
		case !areNames(field.ReferenceTo) || field.RelationshipName != "" && !identifier.MatchString(field.RelationshipName):
			return "field " + clip(field.Name) + " refers to something without a name"
		case twice:
			return "has field " + clip(field.Name) + " twice"
		}
		d.byName[name] = i
		if field.RelationshipName != "" && len(field.ReferenceTo) > 0 {
			d.byRelation[strings.ToLower(field.RelationshipName)] = i
		}
	}
	return ""
}

// typeName is the form of a field's type. What has another form is not repeated: it may be anything.
var typeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,39}$`)

func areNames(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !identifier.MatchString(name) })
}

// describes are the answers of one client, by lower-case object. An org that changes in mid-run is found out by the
// query, not by asking again.
type describes struct {
	mutex sync.Mutex
	found map[string]*Describe
}

func (k *describes) get(object string) *Describe {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	return k.found[strings.ToLower(object)]
}

func (k *describes) put(object string, d *Describe) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.found == nil {
		k.found = map[string]*Describe{}
	}
	k.found[strings.ToLower(object)] = d
}

// Describe asks once for what the integration user sees of an object. The answer is shared: do not change it. Errors
// are *Error; one with exit code 2 says that the object does not exist, or is hidden.
func (c *Client) Describe(ctx context.Context, object string) (*Describe, error) {
	if err := checkObject(object); err != nil {
		return nil, err
	}
	if known := c.known.get(object); known != nil {
		return known, nil
	}
	r := request{op: "describe", object: object, method: http.MethodGet, path: c.versioned("sobjects", object, "describe")}
	found := &Describe{}
	err := c.do(ctx, r.op, object, func(ctx context.Context) error {
		*found = Describe{}
		return c.describe(ctx, r, found)
	})
	if err != nil {
		return nil, c.noObject(ctx, object, err)
	}
	c.known.put(object, found)
	return found, nil
}

func (c *Client) describe(ctx context.Context, r request, into *Describe) error {
	answer, err := c.send(ctx, r, c.limits.jsonBytes)
	if err != nil {
		return err
	}
	defer func() { _ = answer.body.Close() }()
	if err := decodeJSON(r, answer, into); err != nil {
		return err
	}
	if problem := into.index(r.object); problem != "" {
		return &Error{
			Op: r.op, Object: r.object, Message: "the describe " + problem, exit: exitMalformed, hint: hintProxy, RequestID: requestID(answer.header),
		}
	}
	return nil
}

// noObject turns "not found" into what the person can do about it, with names that are near.
func (c *Client) noObject(ctx context.Context, object string, err error) error {
	var refused *Error
	if !errors.As(err, &refused) || refused.Status != http.StatusNotFound && normalCode(refused.Code) != "INVALIDTYPE" {
		return err
	}
	unknown := *refused
	unknown.exit, unknown.hint = exitUsage, hintObject
	unknown.Message = "does not exist, or the integration user has no Read permission for it"
	if names, err := c.Objects(ctx); err == nil {
		names = slices.DeleteFunc(names, func(name string) bool { return name == object })
		unknown.Message += didYouMean(nearest(object, names))
	}
	return &unknown
}

// Objects are the API names of the objects that the integration user sees. An answer that lists none, or lacks what
// this client has described, is no list, and asked for again. Errors are *Error.
func (c *Client) Objects(ctx context.Context) ([]string, error) {
	r := request{op: "objects", method: http.MethodGet, path: c.versioned("sobjects")}
	var names []string
	err := c.do(ctx, r.op, "", func(ctx context.Context) (err error) {
		names, err = c.objects(ctx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return names, nil
}

func (c *Client) objects(ctx context.Context, r request) ([]string, error) {
	answer, err := c.send(ctx, r, c.limits.jsonBytes)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.body.Close() }()
	var list struct {
		Objects []struct {
			Name string `json:"name"`
		} `json:"sobjects"`
	}
	if err := decodeJSON(r, answer, &list); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(list.Objects))
	for _, object := range list.Objects {
		if identifier.MatchString(object.Name) {
			names = append(names, object.Name)
		}
	}
	if len(names) == 0 {
		return nil, &repeat{because: damaged, cause: hollow(r, "a list of objects without an object")}
	}
	for _, name := range [...]string{"Account", "Contact"} { // what every run describes
		if c.known.get(name) != nil && !slices.Contains(names, name) {
			return nil, &repeat{because: damaged, cause: hollow(r, "a list of objects without "+name+", which has just been described")}
		}
	}
	return names, nil
}

// Schema is the Arrow schema of the fields of an object, in their order and in the describe's spelling; a field named
// twice is one column. Paths such as Owner.Name lead through parents, which are described too. Fields that
// identifiers names stay text whatever their type. All fields that are unknown, or cannot be a column, are told in one
// *Error.
func (c *Client) Schema(ctx context.Context, d *Describe, fields []string, identifiers map[string]bool) (*arrow.Schema, error) {
	schema, err := c.schema(ctx, d, fields, identifiers)
	return schema, c.vault.scrub(err)
}

func (c *Client) schema(ctx context.Context, d *Describe, fields []string, identifiers map[string]bool) (*arrow.Schema, error) {
	keys := map[string]bool{}
	for name, is := range identifiers {
		keys[strings.ToLower(name)] = is
	}
	var columns []arrow.Field
	var problems fieldProblems
	for _, name := range fields {
		path, field, err := c.resolve(ctx, d, name)
		if err != nil {
			if !problems.add(err) {
				return nil, err
			}
			continue
		}
		if slices.ContainsFunc(columns, func(f arrow.Field) bool { return f.Name == path }) {
			continue
		}
		column, err := columnField(path, field, keys[strings.ToLower(path)])
		if err != nil {
			problems.add(err)
			continue
		}
		columns = append(columns, column)
	}
	if err := problems.err(d.Name); err != nil {
		return nil, err
	}
	return arrow.NewSchema(columns, nil), nil
}

// resolve follows a path to its field. A lookup that several objects can fill is looked through in Salesforce's order.
func (c *Client) resolve(ctx context.Context, d *Describe, path string) (string, Field, error) {
	if err := checkField(d.Name, path); err != nil {
		return "", Field{}, err
	}
	head, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		field, ok := d.Field(path)
		if !ok {
			return "", Field{}, &unknownField{name: d.Name + "." + path, near: d.suggest(path)}
		}
		return field.Name, field, nil
	}
	lookup, ok := d.parent(head)
	if !ok {
		return "", Field{}, &unknownField{name: d.Name + "." + head, near: nearest(head, d.relations())}
	}
	var first error
	for _, object := range lookup.ReferenceTo {
		parent, err := c.Describe(ctx, object)
		if err != nil {
			return "", Field{}, err
		}
		tail, field, err := c.resolve(ctx, parent, rest)
		if err == nil {
			return lookup.RelationshipName + "." + tail, field, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", Field{}, first
}

func (d *Describe) relations() []string {
	var names []string
	for _, i := range d.byRelation {
		names = append(names, d.Fields[i].RelationshipName)
	}
	slices.Sort(names)
	return names
}
