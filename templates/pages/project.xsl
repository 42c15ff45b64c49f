<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:include href="../parts/run.xsl"/>
<xsl:template match="page" mode="title"><xsl:value-of select="detail/@project-name"/> – Strongroom</xsl:template>

<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/projects">Projects</a></nav>
<h1 id="project-name"><xsl:value-of select="detail/@project-name"/></h1>
<p class="lead"><xsl:value-of select="detail/@description"/></p>
<dl class="panel facts">
<div><dt>Slug</dt><dd><code id="project-slug"><xsl:value-of select="detail/@slug"/></code></dd></div>
<div><dt>Id</dt><dd><code id="project-id"><xsl:value-of select="detail/@id"/></code></dd></div>
<div><dt>Made</dt><dd><time datetime="{detail/@created-at}"><xsl:value-of select="detail/@created-at-text"/></time></dd></div>
</dl>
<xsl:apply-templates select="detail/bindings"/>
<xsl:apply-templates select="detail/runs"/>
<xsl:apply-templates select="detail" mode="settings"/>
</xsl:template>

<xsl:template match="detail" mode="settings">
<section aria-labelledby="settings-heading">
<h2 id="settings-heading">Artifacts</h2>
<xsl:choose>
<xsl:when test="bindings/@may-write='yes'">
<form id="project-settings-form" class="panel" method="post" action="/projects/{@id}">
<input type="hidden" name="_csrf" value="{bindings/@csrf}"/>
<label class="box"><input id="project-binary" type="checkbox" name="project[binary_artifacts]" value="yes"><xsl:if test="@binary-artifacts='yes'"><xsl:attribute name="checked">checked</xsl:attribute></xsl:if></input><span>Its runs may keep artifacts that are no text</span></label>
<p class="hint">Text is masked. What is no text is looked through and refused when a secret is found; nobody can look into what is compressed or encrypted.</p>
<p class="actions"><button type="submit" class="quiet">Save</button></p>
</form>
</xsl:when>
<xsl:otherwise><p id="project-binary-state">Artifacts that are no text are <xsl:choose><xsl:when test="@binary-artifacts='yes'">allowed</xsl:when><xsl:otherwise>refused</xsl:otherwise></xsl:choose>.</p></xsl:otherwise>
</xsl:choose>
</section>
</xsl:template>

<xsl:template match="bindings">
<section aria-labelledby="bindings-heading">
<h2 id="bindings-heading">Environment of its runs</h2>
<xsl:if test="not(@may-write='yes')"><xsl:apply-templates select="error" mode="section"/></xsl:if>
<xsl:apply-templates select="." mode="rows"/>
<xsl:if test="@may-write='yes'"><xsl:apply-templates select="." mode="form"/></xsl:if>
</section>
</xsl:template>

<xsl:template match="bindings" mode="rows"><p class="empty" id="project-bindings-empty">Nothing is bound: its runs find no secret in their environment.</p></xsl:template>
<xsl:template match="bindings[binding]" mode="rows" priority="1">
<div class="table-frame">
<table class="stacked" id="project-bindings">
<thead><tr><th scope="col">Variable</th><th scope="col">Secret</th><th scope="col">Bound</th><xsl:if test="@may-write='yes'"><th scope="col"><span class="visually-hidden">Actions</span></th></xsl:if></tr></thead>
<tbody><xsl:apply-templates select="binding"/></tbody>
</table>
</div>
</xsl:template>

<xsl:template match="binding">
<tr id="project-binding-{@variable}">
<th scope="row" data-label="Variable" class="long"><code><xsl:value-of select="@variable"/></code></th>
<td data-label="Secret" class="long"><a href="/settings/security/secrets/{@ref}"><span class="scope"><xsl:value-of select="@scope"/>/</span><xsl:value-of select="@secret-name"/></a></td>
<td data-label="Bound"><time datetime="{@created-at}"><xsl:value-of select="@created-at-text"/></time></td>
<xsl:if test="../@may-write='yes'"><td>
<form id="project-unbind-{@variable}" class="row-actions" method="post" action="/projects/{../../@id}/bindings/{@variable}/remove">
<input type="hidden" name="_csrf" value="{../@csrf}"/>
<label class="box"><input type="checkbox" name="confirm" value="yes" required="required"/><span>Runs no longer find it</span></label>
<button type="submit" class="quiet danger">Remove</button>
</form>
</td></xsl:if>
</tr>
</xsl:template>

<xsl:template match="bindings" mode="form">
<form id="project-binding-form" class="panel grid" method="post" action="/projects/{../@id}/bindings">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<xsl:if test="error"><div class="wide"><xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">project-binding</xsl:with-param></xsl:apply-templates></div></xsl:if>
<div class="field"><label for="project-binding-variable">Environment variable</label>
<input id="project-binding-variable" name="binding[variable]" maxlength="128" required="required" autocomplete="off" autocapitalize="characters" spellcheck="false" value="{@variable}"/></div>
<div class="field"><label for="project-binding-scope">Scope of the secret</label>
<select id="project-binding-scope" name="binding[scope]">
<option value="integration"><xsl:if test="@scope='integration'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>integration</option>
<option value="project"><xsl:if test="@scope='project'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>project (this one’s)</option>
<option value="instance"><xsl:if test="@scope='instance'"><xsl:attribute name="selected">selected</xsl:attribute></xsl:if>instance</option>
</select></div>
<div class="field"><label for="project-binding-name">Name of the secret</label>
<input id="project-binding-name" name="binding[name]" maxlength="160" required="required" autocomplete="off" autocapitalize="none" spellcheck="false" value="{@secret-name}" aria-describedby="project-binding-name-hint"/>
<span class="hint" id="project-binding-name-hint">As it is stored, such as providers/anthropic_api_key. Never a value.</span></div>
<p class="actions"><button type="submit">Bind</button></p>
</form>
</xsl:template>

<xsl:template match="runs">
<section aria-labelledby="runs-heading">
<h2 id="runs-heading">Runs</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:apply-templates select="." mode="rows"/>
<xsl:if test="@first='no' or @next">
<nav class="pager" aria-label="Pages of runs">
<xsl:if test="@first='no'"><a href="/projects/{../@id}#runs-heading">Newest</a></xsl:if>
<xsl:if test="@next"><a rel="next" id="project-runs-next" href="/projects/{../@id}?before={@next}#runs-heading">Older</a></xsl:if>
</nav>
</xsl:if>
</section>
</xsl:template>

<xsl:template match="runs" mode="rows"><xsl:if test="not(error)"><p class="empty" id="project-runs-empty">No run yet. Start one with <code>strongroom run --project <xsl:value-of select="../@slug"/> -- COMMAND</code>, or through the API.</p></xsl:if></xsl:template>
<xsl:template match="runs[run]" mode="rows" priority="1">
<div class="table-frame">
<table class="stacked" id="project-runs">
<thead><tr><th scope="col">Run</th><th scope="col">Status</th><th scope="col">Trigger</th><th scope="col">Started</th><th scope="col">Took</th></tr></thead>
<tbody><xsl:apply-templates select="run" mode="row"/></tbody>
</table>
</div>
</xsl:template>
<xsl:template match="run" mode="row">
<tr id="project-run-{@id}">
<th scope="row" data-label="Run" class="long"><a href="/projects/{@project}/runs/{@id}"><xsl:apply-templates select="." mode="name"/></a></th>
<td data-label="Status"><xsl:apply-templates select="." mode="status"/></td>
<td data-label="Trigger" class="long"><xsl:value-of select="@trigger"/></td>
<td data-label="Started"><xsl:apply-templates select="@started-at" mode="time"/></td>
<td data-label="Took"><xsl:apply-templates select="@seconds" mode="duration"/></td>
</tr>
</xsl:template>
</xsl:stylesheet>
