<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="content">
<h1>Projects</h1>
<p class="lead">A project says which secrets its runs find in their environment. Everything its runs send is masked before it is kept.</p>
<xsl:apply-templates select="projects/error" mode="section"/>
<xsl:apply-templates select="projects" mode="rows"/>
<xsl:if test="projects/@first='no' or projects/@next">
<nav class="pager" aria-label="Pages of projects">
<xsl:if test="projects/@first='no'"><a href="/projects">First</a></xsl:if>
<xsl:if test="projects/@next"><a rel="next" id="projects-next" href="/projects?after={projects/@next}">Next</a></xsl:if>
</nav>
</xsl:if>
<xsl:apply-templates select="projects/form"/>
</xsl:template>

<xsl:template match="projects" mode="rows"><xsl:if test="not(error)"><p class="empty" id="projects-empty">There is no project yet.</p></xsl:if></xsl:template>
<xsl:template match="projects[project]" mode="rows" priority="1">
<div class="table-frame">
<table class="stacked" id="projects">
<thead><tr><th scope="col">Project</th><th scope="col">Slug</th><th scope="col">Description</th><th scope="col">Made</th></tr></thead>
<tbody><xsl:apply-templates select="project"/></tbody>
</table>
</div>
</xsl:template>

<xsl:template match="project">
<tr id="project-{@id}">
<th scope="row" data-label="Project" class="long"><a href="/projects/{@id}"><xsl:value-of select="@project-name"/></a></th>
<td data-label="Slug"><code><xsl:value-of select="@slug"/></code></td>
<td data-label="Description" class="long"><xsl:value-of select="@description"/></td>
<td data-label="Made"><time datetime="{@created-at}"><xsl:value-of select="@created-at-text"/></time></td>
</tr>
</xsl:template>

<xsl:template match="form">
<section aria-labelledby="project-heading">
<h2 id="project-heading">New project</h2>
<form id="project-form" class="panel grid" method="post" action="/projects">
<input type="hidden" name="_csrf" value="{@csrf}"/>
<xsl:if test="error"><div class="wide"><xsl:apply-templates select="error" mode="form"><xsl:with-param name="prefix">project</xsl:with-param></xsl:apply-templates></div></xsl:if>
<div class="field"><label for="project-name">Name</label>
<input id="project-name" name="project[name]" maxlength="160" required="required" autocomplete="off" value="{@project-name}"><xsl:call-template name="described"><xsl:with-param name="field">name</xsl:with-param><xsl:with-param name="hint">project-name-hint</xsl:with-param><xsl:with-param name="prefix">project</xsl:with-param></xsl:call-template></input>
<span class="hint" id="project-name-hint">What people call it.</span></div>
<div class="field"><label for="project-slug">Slug</label>
<input id="project-slug" name="project[slug]" maxlength="64" required="required" autocomplete="off" autocapitalize="none" spellcheck="false" value="{@slug}"><xsl:call-template name="described"><xsl:with-param name="field">slug</xsl:with-param><xsl:with-param name="hint">project-slug-hint</xsl:with-param><xsl:with-param name="prefix">project</xsl:with-param></xsl:call-template></input>
<span class="hint" id="project-slug-hint">What programs call it: a-z, 0-9 and - between them.</span></div>
<div class="field wide"><label for="project-description">Description</label>
<input id="project-description" name="project[description]" maxlength="1000" autocomplete="off" value="{@description}"/></div>
<p class="actions"><button type="submit">Make the project</button></p>
</form>
</section>
</xsl:template>
</xsl:stylesheet>
